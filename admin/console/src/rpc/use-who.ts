import { Code, ConnectError } from "@connectrpc/connect";
import { useEffect, useState } from "preact/hooks";
import { pause } from "./backoff";
import { admin } from "./client";
import { session, tokenWanted } from "./session";
import { who } from "./who";

/**
 * Asks the server who the reader is, with each session anew, until it answers. The
 * page asks nothing else before it knows: it would be refused many times over where a
 * token is wanted. Returns why it isn't known yet, if the server can't say.
 */
export function useWho(): ConnectError | undefined {
  const [error, setError] = useState<ConnectError>();
  useEffect(() => {
    who.value = undefined;
    setError(undefined);
    if (tokenWanted.value) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (tries: number) =>
      admin.whoAmI({}, { signal: abort.signal }).then(
        (answer) => {
          if (!abort.signal.aborted) who.value = answer;
        },
        (reason) => {
          const refusal = ConnectError.from(reason);
          if (abort.signal.aborted || refusal.code === Code.Unauthenticated) return;
          setError(refusal);
          timer = setTimeout(() => ask(tries + 1), pause(tries));
        },
      );
    ask(1);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [tokenWanted.value, session.value]);
  return error;
}
