import { useEffect, useState } from "preact/hooks";
import { errorText } from "../text/code";
import { plural } from "../text/number";
import { Dialog } from "./dialog";
import { Busy } from "./state";

/** Something that is done to all that a filter finds. */
export interface Deed {
  /** "Retry". */
  verb: string;
  /** "dead letter". */
  noun: string;
  /** What it means for them. */
  note: string;
  /** How many it would be. */
  count: () => Promise<number>;
  /** Does it, saying how many are done; its answer is said at the end. */
  run: (tell: (done: number) => void) => Promise<string>;
}

/** Says how many it would be, does it when one says so, and shows how far it is. */
export function Bulk({ deed, close }: { deed: Deed; close: (said: string) => void }) {
  const [count, setCount] = useState<number>();
  const [done, setDone] = useState<number>();
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    deed.count().then(setCount, (error) => setWrong(errorText(error)));
  }, [deed]);
  const run = async () => {
    setDone(0);
    try {
      close(await deed.run(setDone));
    } catch (error) {
      setDone(undefined);
      setWrong(errorText(error));
    }
  };
  const many = plural(count ?? 0, deed.noun);
  return (
    <Dialog title={`${deed.verb} all that are found`} close={() => close("")}>
      {count === undefined && wrong === "" && <Busy>Counting …</Busy>}
      {count !== undefined && done === undefined && (
        <p>
          {count === 0
            ? `There is no ${deed.noun} that the filter finds.`
            : `It would be ${many}. ${deed.note}`}
        </p>
      )}
      {done !== undefined && (
        <p class="progress" role="status">
          <progress max={count ?? 1} value={done} aria-label="Progress" />
          <span>
            {done} of {many} …
          </span>
        </p>
      )}
      {wrong !== "" && (
        <p class="failed" role="alert">
          {wrong}
        </p>
      )}
      <div class="actions">
        <button type="button" class="danger" disabled={!count || done !== undefined} onClick={run}>
          {deed.verb} {count === undefined ? "…" : many}
        </button>
      </div>
    </Dialog>
  );
}
