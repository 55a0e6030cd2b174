import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  Execution,
  ListExecutionsRequestSchema,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { milliseconds } from "../../text/moment";
import { readWhen } from "../../text/when";
import type { Filter } from "./filter";

/** What is asked of the server for a filter, without the page. */
export function requestOf(
  f: Filter,
  now: number,
): MessageInitShape<typeof ListExecutionsRequestSchema> {
  const since = readWhen(f.since, now);
  const until = readWhen(f.until, now);
  return {
    states: f.states,
    method: f.method,
    plugin: f.plugin,
    idPrefix: f.id,
    codes: f.codes,
    labels: Object.fromEntries(f.labels),
    caller: f.caller,
    nodeId: f.node,
    retryOf: f.retryOf,
    ...(since && { since }),
    ...(until && { until }),
  };
}

/** Tells whether a filter chooses an execution, as the server would. */
export function chooses(f: Filter, x: Execution, now: number): boolean {
  const at = x.submittedAt ? milliseconds(x.submittedAt) : 0;
  const since = readWhen(f.since, now);
  const until = readWhen(f.until, now);
  return (
    (f.states.length === 0 || f.states.includes(x.state)) &&
    (f.method === "" || x.method === f.method) &&
    (f.plugin === "" || x.plugin === f.plugin) &&
    x.id.startsWith(f.id) &&
    (f.codes.length === 0 || f.codes.includes(x.code)) &&
    f.labels.every(([key, value]) => x.labels[key] === value) &&
    (f.caller === "" || x.caller === f.caller) &&
    (f.node === "" || x.nodeId === f.node) &&
    (f.retryOf === "" || x.retryOf === f.retryOf) &&
    (!since || at >= milliseconds(since)) &&
    (!until || at < milliseconds(until))
  );
}
