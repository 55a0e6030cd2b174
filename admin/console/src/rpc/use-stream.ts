import { Code } from "@connectrpc/connect";
import { useEffect, useRef, useState } from "preact/hooks";
import { follow, type Source } from "./follow";
import { asleep } from "./hidden";
import { type LineState, report } from "./lines";
import { session } from "./session";

/**
 * Follows a stream for as long as the view is there, and anew when one of `when` has
 * changed. The header tells how it stands, and so does what this returns.
 */
export function useStream<T>(source: Source<T>, when: readonly unknown[] = []): LineState {
  const newest = useRef(source);
  newest.current = source;
  const [state, setState] = useState<LineState>(() => ({
    live: false,
    since: Date.now(),
    retryAt: 0,
    reason: "",
  }));
  useEffect(() => {
    if (asleep.value) return;
    const abort = new AbortController();
    const line = Symbol();
    follow(
      {
        open: (signal, opened) => newest.current.open(signal, opened),
        take: (message) => newest.current.take(message),
        opened: () => newest.current.opened?.(),
        silence: source.silence,
        over: () => newest.current.over?.() ?? false,
      },
      abort.signal,
      (next) => {
        if (abort.signal.aborted) return;
        // What isn't there is no line that was cut: the view says so.
        report(line, next.error?.code === Code.NotFound ? undefined : next);
        setState(next);
      },
    ).then(() => {
      if (newest.current.over?.()) report(line, undefined);
    });
    return () => {
      abort.abort();
      report(line, undefined);
    };
  }, [...when, asleep.value, session.value]);
  return state;
}
