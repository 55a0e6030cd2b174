import { useState } from "preact/hooks";
import { complain } from "./notice";

/**
 * Runs what a button does, one at a time: `busy` says that it is on its way, and what
 * goes wrong becomes a notice.
 */
export function useAct(): { busy: boolean; act: (what: string, run: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const act = (what: string, run: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    run()
      .catch((error) => complain(what, error))
      .finally(() => setBusy(false));
  };
  return { busy, act };
}
