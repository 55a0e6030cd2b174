import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ExecutionFilterSchema,
  ExecutionState,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { plural } from "../../text/number";
import { readWhen } from "../../text/when";
import type { Deed } from "../../ui/bulk";
import { type Filter, writeFilter } from "../runs/filter";

/** Cancels all runs that a filter chooses and that have not ended. */
export function cancel(filter: Filter): Deed {
  const now = Date.now();
  const since = readWhen(filter.since, now);
  const until = readWhen(filter.until, now);
  const which: MessageInitShape<typeof ExecutionFilterSchema> = {
    idPrefix: filter.id,
    states: filter.states,
    method: filter.method,
    plugin: filter.plugin,
    labels: Object.fromEntries(filter.labels),
    caller: filter.caller,
    ...(since && { since }),
    ...(until && { until }),
  };
  const all = writeFilter(filter).size === 0;
  return {
    verb: "Cancel",
    noun: "run",
    note: "Those that run are told to stop; it can't be undone.",
    count: async () => (await admin.cancelExecutions({ filter: which, all, dryRun: true })).matched,
    run: async () => {
      const answer = await admin.cancelExecutions({ filter: which, all });
      if (answer.reason !== "") {
        throw new Error(`${plural(answer.cancelled, "run")} cancelled; ${answer.reason}`);
      }
      return `${plural(answer.cancelled, "run")} cancelled.`;
    },
  };
}

/** The states of what can still be cancelled. */
export const open = [ExecutionState.PENDING, ExecutionState.RUNNING];
