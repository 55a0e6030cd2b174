import type { ComponentType } from "preact";
import { Overview } from "../views/overview/overview";
import { Run } from "../views/run/run";
import { Runs } from "../views/runs/runs";

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
];
