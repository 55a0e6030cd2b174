import type { MessageInitShape } from "@bufbuild/protobuf";
import type { DeadLetterFilterSchema } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { readWhen } from "../../text/when";
import { type Filter, writeFilter } from "../runs/filter";

/** The dead letters that a filter chooses, as the server is asked for them. */
export function filterOf(f: Filter, now: number): MessageInitShape<typeof DeadLetterFilterSchema> {
  const since = readWhen(f.since, now);
  const until = readWhen(f.until, now);
  return {
    idPrefix: f.id,
    method: f.method,
    plugin: f.plugin,
    codes: f.codes,
    labels: Object.fromEntries(f.labels),
    ...(since && { since }),
    ...(until && { until }),
  };
}

/** The filter with "all" where it chooses all: what is done to all has to be said. */
export function chosen(f: Filter, now: number) {
  return { filter: filterOf(f, now), all: writeFilter(f).size === 0 };
}
