import { EventKind } from "../gen/taskscheduler/admin/v1/admin_pb";

/** What happens to plugins. */
export const pluginEvents: EventKind[] = [
  EventKind.PLUGIN_LOADED,
  EventKind.PLUGIN_RELOADED,
  EventKind.PLUGIN_UNLOADED,
  EventKind.PLUGIN_CRASHED,
  EventKind.PLUGIN_RESTARTED,
  EventKind.PLUGIN_QUARANTINED,
  EventKind.PLUGIN_LOAD_FAILED,
];

/** What happens to dead letters. */
export const letterEvents: EventKind[] = [
  EventKind.DEAD_LETTERED,
  EventKind.DEAD_LETTERS_RETRIED,
  EventKind.DEAD_LETTERS_DROPPED,
  EventKind.DEAD_LETTERS_UNDROPPED,
];
