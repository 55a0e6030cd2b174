import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { readComing, readSpan } from "../text/when";

/** What else a run is submitted with, as it was typed. */
export interface Options {
  id: string;
  /** One on each line: team=a. */
  labels: string;
  /** Such as 1m30s. */
  timeout: string;
  attempts: string;
  /** A time, or how long from now: 5m. */
  start: string;
  /** One id on each line. */
  dependencies: string;
  inject: boolean;
}

export const noOptions: Options = {
  id: "",
  labels: "",
  timeout: "",
  attempts: "",
  start: "",
  dependencies: "",
  inject: false,
};

/** The options as a request has them. */
export interface ReadOptions {
  id: string;
  labels: Record<string, string>;
  executionTimeout?: Duration;
  maxAttempts: number;
  startAt?: Timestamp;
  dependencies: string[];
  injectResults: boolean;
}

/** Reads options; an error says which is wrong, and how it is written. */
export function readOptions(o: Options, now: number): ReadOptions {
  const read: ReadOptions = {
    id: o.id.trim(),
    labels: {},
    maxAttempts: 0,
    dependencies: lines(o.dependencies),
    injectResults: o.inject,
  };
  for (const line of lines(o.labels)) {
    const at = line.indexOf("=");
    if (at < 1) throw new Error("labels: want each as key=value, such as team=a");
    read.labels[line.slice(0, at)] = line.slice(at + 1);
  }
  if (o.timeout.trim() !== "") {
    const ms = readSpan(o.timeout.trim());
    if (!ms) throw new Error("timeout: want a span such as 500ms, 90s or 1h30m");
    read.executionTimeout = durationFromMs(ms);
  }
  if (o.attempts.trim() !== "") {
    if (!/^[1-9]\d{0,8}$/.test(o.attempts.trim()))
      throw new Error("attempts: want a number from 1");
    read.maxAttempts = Number(o.attempts);
  }
  if (o.start.trim() !== "") {
    const at = readComing(o.start.trim(), now);
    if (!at) throw new Error("start at: want a time such as 2026-01-02 15:04, or 5m from now");
    read.startAt = at;
  }
  return read;
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
