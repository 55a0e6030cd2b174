import { admin } from "../../rpc/client";
import type { Deed } from "../../ui/bulk";
import { inChunks, unanswered } from "../../ui/chunks";
import type { Filter } from "../runs/filter";
import { chosen } from "./request";
import { offer } from "./undo";

/** Submits all that a filter chooses again. */
export function retry(filter: Filter): Deed {
  // What comes after the dialog was opened isn't meant.
  const which = chosen(filter, Date.now());
  return {
    verb: "Retry",
    noun: "dead letter",
    note: "Each is submitted again under a new id, and is no dead letter any more.",
    count: async () => (await admin.retryDeadLetters({ ...which, dryRun: true })).matched,
    run: (count, tell) =>
      inChunks(count, "dead letter", "submitted again", tell, async (limit) => {
        const answer = await admin.retryDeadLetters({ ...which, limit });
        return { ...answer, done: answer.retried };
      }),
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
    atOnce: true,
    run: async () => {
      const answer = await admin.dropDeadLetters(which);
      offer(answer);
      return unanswered(answer.unansweredNodes);
    },
  };
}
