import { ConnectError } from "@connectrpc/connect";
import { useCallback, useEffect, useState } from "preact/hooks";
import { session } from "./session";

/** What a call has answered so far. */
export interface Answer<T> {
  /** The newest answer; it stays while the call is made again. */
  data: T | undefined;
  /** Why the newest call failed. */
  error: ConnectError | undefined;
  /** Makes the call again. */
  again: () => void;
}

/**
 * Makes a call when the view appears, and again when one of `when` has changed. An
 * answer that comes after the next question is not taken.
 */
export function useCall<T>(
  call: (signal: AbortSignal) => Promise<T>,
  when: readonly unknown[] = [],
): Answer<T> {
  const [data, setData] = useState<T>();
  const [error, setError] = useState<ConnectError>();
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    const abort = new AbortController();
    call(abort.signal).then(
      (answer) => {
        if (abort.signal.aborted) return;
        setData(() => answer);
        setError(undefined);
      },
      (reason) => {
        if (!abort.signal.aborted) setError(ConnectError.from(reason));
      },
    );
    return () => abort.abort();
  }, [...when, round, session.value]);
  return { data, error, again };
}
