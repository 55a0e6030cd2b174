import { useState } from "preact/hooks";
import { address, go } from "../../address/route";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { may, who } from "../../rpc/who";
import { idText } from "../../text/visible";
import { ended, stateWord } from "../../text/words";
import { useAct } from "../../ui/act";
import { Confirm } from "../../ui/confirm";
import { say } from "../../ui/notice";

/** What can be done with a run. */
export function Actions({ run }: { run: Execution }) {
  const [asking, setAsking] = useState(false);
  const { busy, act } = useAct();
  const cancel = () =>
    act("It can't be cancelled", async () => {
      const { cancelled, state } = await admin.cancelExecution({ id: run.id });
      say(
        cancelled
          ? "The run is cancelled."
          : `It is not cancelled: it has ended, ${stateWord(state)}.`,
      );
    });
  const again = () =>
    act("It can't be run again", async () => {
      const { id } = await admin.runTask({ again: run.id });
      say("It runs again: this is the new run.");
      go(address(["runs", id]));
    });
  return (
    <>
      {!ended(run.state) && may("CancelExecution") && (
        <button type="button" class="danger" disabled={busy} onClick={() => setAsking(true)}>
          Cancel
        </button>
      )}
      {may("RunTask") && who.value?.argumentsKept && (
        <button type="button" disabled={busy} onClick={again}>
          Run again
        </button>
      )}
      {asking && (
        <Confirm
          title="Cancel this run?"
          action="Cancel the run"
          run={cancel}
          close={() => setAsking(false)}
        >
          <p>
            <b>{idText(run.id)}</b> ends as cancelled, and the tasks that depend on it fail.
          </p>
        </Confirm>
      )}
    </>
  );
}
