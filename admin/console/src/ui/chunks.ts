import { errorText, Sentence } from "../text/code";
import { plural } from "../text/number";
import { visible } from "../text/visible";

const size = 200; // of what one call acts on

/** What came of one call. */
export interface Chunk {
  /** How many it has found, up to its limit. */
  matched: number;
  /** To how many of them it has done what it should. */
  done: number;
  /** Why not to the others, as far as one of them tells. */
  reason: string;
  unansweredNodes: readonly string[];
}

/**
 * Acts on so many by one call after the other, and tells how far it is, until that
 * answers no. A call begins with the oldest, so what comes meanwhile isn't meant. Its
 * answer, or its error, says to how many it was done: "3 runs cancelled."
 */
export async function inChunks(
  count: number,
  noun: string,
  past: string,
  tell: (done: number) => boolean,
  act: (limit: number) => Promise<Chunk>,
): Promise<string> {
  let done = 0;
  let last: Chunk | undefined;
  const said = () => `${plural(done, noun)} ${past}`;
  try {
    for (let most = size, left = count; left > 0; left = count - done) {
      const limit = Math.min(most, left);
      last = await act(limit);
      done += last.done;
      if (last.matched < limit || limit === left) break; // there are no others
      if (!tell(done)) return `${said()}, the others left as they were.`;
      // Those that can't be would be the oldest of each call.
      if (last.reason !== "" || last.unansweredNodes.length > 0) most = count;
    }
  } catch (error) {
    if (done === 0) throw error;
    throw new Sentence(`${said()}, then: ${errorText(error)}`);
  }
  if (last?.reason) throw new Sentence(`${said()}, the others not: ${visible(last.reason)}`);
  if (last?.unansweredNodes.length) {
    throw new Sentence(`${said()}. ${unanswered(last.unansweredNodes)}`);
  }
  return `${said()}.`;
}

/** Says which nodes have not answered; "" for none. */
export function unanswered(nodes: readonly string[]): string {
  if (nodes.length === 0) return "";
  return `These nodes have not answered: ${nodes.map(visible).join(", ")}.`;
}
