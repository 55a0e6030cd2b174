import { useRef } from "preact/hooks";
import type { WatchStatsResponse } from "../gen/taskscheduler/admin/v1/stats_pb";
import { admin } from "./client";
import { useSoon } from "./use-events";
import { useStream } from "./use-stream";

const pause = 2000; // ms between two looks while tasks run

/** Calls something whenever tasks have begun, waited or ended, without hearing of each, or something else needs attention. */
export function useBusy(changed: () => void): void {
  const before = useRef("");
  const soon = useSoon(changed, pause);
  useStream<WatchStatsResponse>({
    open: (signal, opened) =>
      admin.watchStats(
        { top: 1, interval: { seconds: 2n }, history: { nanos: 1 } },
        { signal, onHeader: opened },
      ),
    take: (message) => {
      const s = message.samples.at(-1);
      const attention = message.attention.map((a) => a.message).join();
      const { waitingToStart, backingOff } = message;
      const now = [s?.running, s?.pending, waitingToStart, backingOff, attention].join(" ");
      if (message.samples.some((x) => x.calls > 0n) || now !== before.current) soon();
      before.current = now;
    },
    opened: soon,
  });
}
