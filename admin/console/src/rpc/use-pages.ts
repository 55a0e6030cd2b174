import { ConnectError } from "@connectrpc/connect";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { session } from "./session";

/** A list that comes page by page. */
export interface Pages<T> {
  /** What has come so far; undefined before the first page. */
  rows: readonly T[] | undefined;
  /** Nodes that have not answered: theirs are missing. */
  unanswered: readonly string[];
  complete: boolean;
  error: ConnectError | undefined;
  /** Asks for the next page, unless it is on its way. */
  more: () => void;
  /** Asks anew, from the first page. */
  again: () => void;
}

interface Answered<T> {
  rows: T[];
  next: string;
  unanswered?: readonly string[];
}

/** Asks for a list's first page, and anew when one of `when` has changed. */
export function usePages<T>(
  ask: (token: string, signal: AbortSignal) => Promise<Answered<T>>,
  when: readonly unknown[] = [],
): Pages<T> {
  const [rows, setRows] = useState<readonly T[]>();
  const [unanswered, setUnanswered] = useState<readonly string[]>([]);
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
        setUnanswered((old) => together(token === "" ? [] : old, page.unanswered ?? []));
        setNext(page.next);
        setError(undefined);
        // What looks through much for little may have found nothing so far.
        if (page.rows.length === 0 && page.next !== "") fetch(page.next);
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
  return { rows, unanswered, complete: rows !== undefined && next === "", error, more, again };
}

function together(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...some, ...others])];
}
