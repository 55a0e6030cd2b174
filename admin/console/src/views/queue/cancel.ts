import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ExecutionFilterSchema,
  ExecutionState,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { readWhen } from "../../text/when";
import type { Deed } from "../../ui/bulk";
import { inChunks } from "../../ui/chunks";
import { type Filter, writeFilter } from "../runs/filter";

/** The runs that a filter chooses, as the server is asked for them. */
export function chosen(filter: Filter): MessageInitShape<typeof ExecutionFilterSchema> {
  const now = Date.now();
  const since = readWhen(filter.since, now);
  const until = readWhen(filter.until, now);
  return {
    idPrefix: filter.id,
    states: filter.states,
    method: filter.method,
    plugin: filter.plugin,
    labels: Object.fromEntries(filter.labels),
    caller: filter.caller,
    ...(since && { since }),
    ...(until && { until }),
  };
}

/** Cancels all runs that a filter chooses and that have not ended. */
export function cancel(filter: Filter): Deed {
  const which = chosen(filter);
  const all = writeFilter(filter).size === 0;
  return {
    verb: "Cancel",
    noun: "run",
    note: "Those that run are told to stop; it can't be undone.",
    count: async () => (await admin.cancelExecutions({ filter: which, all, dryRun: true })).matched,
    run: (count, tell) =>
      inChunks(count, "run", "cancelled", tell, async (limit) => {
        const answer = await admin.cancelExecutions({ filter: which, all, limit });
        return { ...answer, done: answer.cancelled };
      }),
  };
}

/** The states of what can still be cancelled. */
export const open = [ExecutionState.PENDING, ExecutionState.RUNNING];
