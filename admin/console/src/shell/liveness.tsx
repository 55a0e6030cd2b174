import { asleep } from "../rpc/hidden";
import { type LineState, worst } from "../rpc/lines";
import { clockText } from "../text/moment";
import { now } from "../ui/now";

/** Whether what the page shows is of now: a word, and since when it isn't. */
export function Liveness() {
  const state = worst.value;
  const [tone, text, more] = describe(state, asleep.value, now.value);
  return (
    <p class={`liveness ${tone}`} title={state?.reason || undefined}>
      <span role="status">{text}</span>
      {/* Read aloud each second, it would be a nuisance. */}
      {more && <span aria-hidden="true">, {more}</span>}
    </p>
  );
}

type Told = [tone: string, text: string, more?: string];

function describe(state: LineState | undefined, paused: boolean, at: number): Told {
  if (paused) return ["calm", "paused while out of sight"];
  if (!state) return ["none", ""];
  if (state.live) return ["good", "live"];
  if (state.reason === "" && at - state.since < 2000) return ["calm", "connecting …"];
  const since = `cut off since ${clockText(state.since)}`;
  if (state.retryAt === Number.POSITIVE_INFINITY) return ["bad", since];
  const left = Math.ceil((state.retryAt - at) / 1000);
  return ["bad", since, left > 0 ? `trying again in ${left} s` : "trying again …"];
}
