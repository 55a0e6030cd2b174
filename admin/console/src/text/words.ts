import {
  EventKind,
  ExecutionState,
  PluginState,
  TaskKind,
} from "../gen/taskscheduler/admin/v1/admin_pb";

// The command line's words for what the proto numbers. A server that is newer than
// this page may say a number that has no word here: then the number is shown.

function word(name: string | undefined, value: number): string {
  return name === undefined ? String(value) : name.toLowerCase();
}

/** "pending", "running", "succeeded", "failed", "cancelled". */
export const stateWord = (s: ExecutionState) => word(ExecutionState[s], s);

/** "serving", "quarantined" … */
export const pluginStateWord = (s: PluginState) => word(PluginState[s], s);

/** "sync" or "async". */
export const kindWord = (k: TaskKind) => word(TaskKind[k], k);

/** "task_ended", "plugin_crashed" … */
export const eventWord = (k: EventKind) => word(EventKind[k], k);

/** The states that an execution can be in, in the order of its life. */
export const states = [
  ExecutionState.PENDING,
  ExecutionState.RUNNING,
  ExecutionState.SUCCEEDED,
  ExecutionState.FAILED,
  ExecutionState.CANCELLED,
];

/** Tells whether nothing more happens to an execution. */
export function ended(s: ExecutionState): boolean {
  return (
    s === ExecutionState.SUCCEEDED || s === ExecutionState.FAILED || s === ExecutionState.CANCELLED
  );
}
