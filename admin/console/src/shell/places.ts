import type { ComponentType } from "preact";
import { Audit } from "../views/audit/audit";
import { Cluster } from "../views/cluster/cluster";
import { Letter } from "../views/letters/letter";
import { Letters } from "../views/letters/letters";
import { Overview } from "../views/overview/overview";
import { Plugin } from "../views/plugins/plugin";
import { Plugins } from "../views/plugins/plugins";
import { Queue } from "../views/queue/queue";
import { Run } from "../views/run/run";
import { Runs } from "../views/runs/runs";
import { Task } from "../views/tasks/task";
import { Tasks } from "../views/tasks/tasks";

/** A place of the page: what the navigation calls it, and the views that are there. */
export interface Place {
  /** The first part of its path; empty for the overview. */
  path: string;
  word: string;
  /** The letter that goes there after `g`. */
  key: string;
  view: ComponentType;
  /** The view of one thing there, which the path's second part names. */
  one?: ComponentType<{ name: string }>;
}

/** All places, in the order of the navigation. */
export const places: readonly Place[] = [
  { path: "", word: "Overview", key: "o", view: Overview },
  { path: "runs", word: "Runs", key: "r", view: Runs, one: Run },
  { path: "tasks", word: "Tasks", key: "t", view: Tasks, one: Task },
  { path: "plugins", word: "Plugins", key: "p", view: Plugins, one: Plugin },
  { path: "letters", word: "Dead letters", key: "d", view: Letters, one: Letter },
  { path: "queue", word: "Queue", key: "q", view: Queue },
  { path: "cluster", word: "Cluster", key: "c", view: Cluster },
  { path: "audit", word: "Audit", key: "a", view: Audit },
];
