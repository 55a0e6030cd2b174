import { ConnectError } from "@connectrpc/connect";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { session } from "./session";

/** A list that comes page by page. */
export interface Pages<T> {
  /** What has come so far; undefined before the first page. */
  rows: readonly T[] | undefined;
  complete: boolean;
  error: ConnectError | undefined;
  /** Asks for the next page, unless it is on its way. */
  more: () => void;
  /** Asks anew, from the first page. */
  again: () => void;
}

/** Asks for a list's first page, and anew when one of `when` has changed. */
export function usePages<T>(
  ask: (token: string, signal: AbortSignal) => Promise<{ rows: T[]; next: string }>,
  when: readonly unknown[] = [],
): Pages<T> {
  const [rows, setRows] = useState<readonly T[]>();
  const [next, setNext] = useState("");
  const [error, setError] = useState<ConnectError>();
  const [round, setRound] = useState(0);
  const running = useRef<AbortController>(undefined);
  const newest = useRef(ask);
  newest.current = ask;

  const fetch = useCallback((token: string) => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    newest.current(token, abort.signal).then(
      (page) => {
        if (abort.signal.aborted) return;
        running.current = undefined;
        setRows((old) => (token === "" ? page.rows : [...(old ?? []), ...page.rows]));
        setNext(page.next);
        setError(undefined);
      },
      (reason) => {
        if (abort.signal.aborted) return;
        running.current = undefined;
        setError(ConnectError.from(reason));
      },
    );
  }, []);
  useEffect(() => {
    fetch("");
    return () => running.current?.abort();
  }, [...when, round, session.value]);

  const more = useCallback(() => {
    if (next !== "" && !running.current) fetch(next);
  }, [next]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return { rows, complete: rows !== undefined && next === "", error, more, again };
}
