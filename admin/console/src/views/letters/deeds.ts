import { admin } from "../../rpc/client";
import { plural } from "../../text/number";
import { visible } from "../../text/visible";
import type { Deed } from "../../ui/bulk";
import type { Filter } from "../runs/filter";
import { chosen } from "./request";
import { offer } from "./undo";

const chunk = 200; // dead letters that are submitted again by one call

/** Says which nodes have not answered; "" for none. */
export function unanswered(nodes: readonly string[]): string {
  if (nodes.length === 0) return "";
  return `These nodes have not answered: ${nodes.map(visible).join(", ")}.`;
}

/** Submits all that a filter chooses again. */
export function retry(filter: Filter): Deed {
  // What comes after the dialog was opened isn't meant.
  const which = chosen(filter, Date.now());
  return {
    verb: "Retry",
    noun: "dead letter",
    note: "Each is submitted again under a new id, and is no dead letter any more.",
    count: async () => (await admin.retryDeadLetters({ ...which, dryRun: true })).matched,
    run: async (tell) => {
      let done = 0;
      for (;;) {
        const answer = await admin.retryDeadLetters({ ...which, limit: chunk });
        done += answer.retried;
        tell(done);
        if (answer.unansweredNodes.length > 0) {
          throw new Error(
            `${plural(done, "dead letter")} submitted again. ${unanswered(answer.unansweredNodes)}`,
          );
        }
        if (answer.reason !== "") {
          throw new Error(
            `${plural(done, "dead letter")} submitted again, the others not: ${answer.reason}`,
          );
        }
        if (answer.matched < chunk) return `${plural(done, "dead letter")} submitted again.`;
      }
    },
  };
}

/** Forgets all that a filter chooses; for a minute that can be undone. */
export function drop(filter: Filter): Deed {
  const which = chosen(filter, Date.now());
  return {
    verb: "Drop",
    noun: "dead letter",
    note: "They can be brought back for a minute.",
    count: async () => (await admin.dropDeadLetters({ ...which, dryRun: true })).matched,
    run: async () => {
      const answer = await admin.dropDeadLetters(which);
      offer(answer);
      return unanswered(answer.unansweredNodes);
    },
  };
}
