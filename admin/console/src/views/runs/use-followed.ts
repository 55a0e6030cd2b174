import { useEffect, useMemo, useRef } from "preact/hooks";
import { EventKind } from "../../gen/taskscheduler/admin/v1/admin_pb";
import type { StatsSample } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { admin } from "../../rpc/client";
import { useStream } from "../../rpc/use-stream";
import { ended } from "../../text/words";
import type { Filter } from "./filter";
import { Followed } from "./followed";

const pause = 250; // ms: what comes by the streams is shown four times a second
const often = 2000; // ms between two questions for what has been submitted

/** The runs that a filter chooses, live; `address` tells one filter from another. */
export function useFollowed(filter: Filter, address: string): Followed {
  const runs = useMemo(() => new Followed(filter), [address]);
  useEffect(() => {
    runs.more();
    const timer = setInterval(() => runs.flush(), pause);
    return () => {
      clearInterval(timer);
      runs.close();
    };
  }, [runs]);
  const opens = useRef(0);
  useStream(
    {
      open: (signal, opened) =>
        admin.watchEvents({ kinds: [EventKind.TASK_ENDED] }, { signal, onHeader: opened }),
      opened: () => {
        if (opens.current++ > 0) runs.doubt();
      },
      take: (event) => {
        if (event.missed > 0n) runs.doubt();
        if (event.execution) runs.note(event.execution);
      },
    },
    [runs],
  );
  useBeginnings(runs, filter);
  return runs;
}

/**
 * Ends are events, beginnings are not: there would be two for each task. That some
 * have begun, the figures of each second tell, and then the newest are asked for.
 */
function useBeginnings(runs: Followed, filter: Filter): void {
  const last = useRef<StatsSample | undefined>(undefined);
  const asked = useRef(0);
  const wanted = filter.states.length === 0 || filter.states.some((s) => !ended(s));
  useStream(
    {
      open: (signal, opened) =>
        admin.watchStats(
          { top: 1, history: { seconds: 1n, nanos: 0 }, method: filter.method },
          { signal, onHeader: opened },
        ),
      take: ({ samples }) => {
        const sample = samples.at(-1);
        const before = last.current;
        last.current = sample;
        if (!sample || !wanted || Date.now() - asked.current < often) return;
        const changed =
          sample.calls > 0n ||
          sample.running !== before?.running ||
          sample.pending !== before?.pending;
        if (!changed) return;
        asked.current = Date.now();
        runs.refresh();
      },
      silence: 10_000,
    },
    [runs],
  );
}
