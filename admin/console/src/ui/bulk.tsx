import { useEffect, useRef, useState } from "preact/hooks";
import { errorText } from "../text/code";
import { countText, plural } from "../text/number";
import { Dialog } from "./dialog";
import { complain, say } from "./notice";
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
  /** It is done to all in one step, so there is no telling how far it is. */
  atOnce?: true;
  /**
   * Does it to so many, saying how many are done, as long as that is answered by yes; its
   * answer is said at the end.
   */
  run: (count: number, tell: (done: number) => boolean) => Promise<string>;
}

/** Says how many it would be, does it when one says so, and shows how far it is. */
export function Bulk({ deed, close }: { deed: Deed; close: (said: string) => void }) {
  const [count, setCount] = useState<number>();
  const [done, setDone] = useState<number>();
  const [wrong, setWrong] = useState("");
  const stopped = useRef(false);
  const look = () => {
    deed.count().then(setCount, (error) => setWrong(errorText(error)));
  };
  useEffect(look, [deed]);
  const run = async () => {
    setDone(0);
    setWrong("");
    const tell = (n: number) => {
      setDone(n);
      return !stopped.current;
    };
    try {
      const said = await deed.run(count ?? 0, tell);
      if (!stopped.current) close(said);
      else if (said !== "") say(said);
    } catch (error) {
      if (stopped.current) return complain(`${deed.verb} all that are found`, error);
      setDone(undefined);
      setWrong(errorText(error));
      look(); // how many there are still
    }
  };
  // What has begun goes on to the end of its call, which says how far it came.
  const leave = () => {
    stopped.current = true;
    close("");
  };
  const many = plural(count ?? 0, deed.noun);
  return (
    <Dialog title={`${deed.verb} all that are found`} close={leave}>
      {count === undefined && wrong === "" && <Busy>Counting …</Busy>}
      {count !== undefined && done === undefined && (
        <p>
          {count === 0
            ? `There is no ${deed.noun} that the filter finds.`
            : `It would be ${many}. ${deed.note}`}
        </p>
      )}
      {done !== undefined && <Done deed={deed} done={done} count={count ?? 1} />}
      {wrong !== "" && (
        <p class="failed" role="alert">
          {wrong}
        </p>
      )}
      <div class="actions">
        {done !== undefined && !deed.atOnce && (
          <button type="button" onClick={leave}>
            Stop
          </button>
        )}
        <button type="button" class="danger" disabled={!count || done !== undefined} onClick={run}>
          {deed.verb} {count === undefined ? "…" : many}
        </button>
      </div>
    </Dialog>
  );
}

function Done({ deed, done, count }: { deed: Deed; done: number; count: number }) {
  const many = plural(count, deed.noun);
  if (deed.atOnce) return <Busy>{`${many}, all in one step …`}</Busy>;
  return (
    <p class="progress" role="status">
      <progress max={count} value={done} aria-label="Progress" />
      <span>
        {countText(done)} of {many} …
      </span>
    </p>
  );
}
