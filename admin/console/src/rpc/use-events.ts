import { useEffect, useRef } from "preact/hooks";
import type { EventKind, WatchEventsResponse } from "../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "./client";
import type { LineState } from "./lines";
import { useStream } from "./use-stream";

/** Hears what happens, of these kinds; `opened` is called whenever something may have been missed. */
export function useEvents(
  kinds: EventKind[],
  take: (event: WatchEventsResponse) => void,
  opened?: () => void,
): LineState {
  return useStream<WatchEventsResponse>({
    open: (signal, answered) => admin.watchEvents({ kinds }, { signal, onHeader: answered }),
    take: (event) => {
      if (event.missed > 0n) opened?.();
      take(event);
    },
    opened,
  });
}

/** Calls something soon after it is asked to, and no more often than each `pause` ms. */
export function useSoon(run: () => void, pause: number): () => void {
  const newest = useRef(run);
  newest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const last = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const soon = useRef(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(0, last.current + pause - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      last.current = Date.now();
      newest.current();
    }, wait);
  });
  return soon.current;
}
