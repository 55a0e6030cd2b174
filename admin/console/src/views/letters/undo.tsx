import { signal } from "@preact/signals";
import type { DropDeadLettersResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { milliseconds } from "../../text/moment";
import { plural } from "../../text/number";
import { useAct } from "../../ui/act";
import { say } from "../../ui/notice";
import { now } from "../../ui/now";

/** The newest drop that can be undone still. */
const dropped = signal<DropDeadLettersResponse | undefined>(undefined);

/** Says what was dropped, and offers to undo it while the server can. */
export function offer(answer: DropDeadLettersResponse): void {
  if (answer.undoToken !== "") dropped.value = answer;
  else say(`${plural(answer.dropped, "dead letter")} dropped.`);
}

/** The way back from the newest drop. */
export function Undo() {
  const { busy, act } = useAct();
  const answer = dropped.value;
  if (!answer?.undoUntil) return null;
  const left = Math.ceil((milliseconds(answer.undoUntil) - now.value) / 1000);
  if (left <= 0) return null;
  const undo = async () => {
    const { restored } = await admin.undropDeadLetters({ undoToken: answer.undoToken });
    dropped.value = undefined;
    say(`${plural(restored, "dead letter")} brought back.`);
  };
  return (
    <p class="undo" role="status">
      <span>{plural(answer.dropped, "dead letter")} dropped.</span>
      <button type="button" disabled={busy} onClick={() => act("It can't be undone", undo)}>
        Undo
      </button>
      <span class="none" aria-hidden="true">
        for {left} s
      </span>
    </p>
  );
}
