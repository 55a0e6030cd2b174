import { useState } from "preact/hooks";
import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { admin } from "../../rpc/client";
import { may } from "../../rpc/who";
import { plural } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Confirm } from "../../ui/confirm";
import { say } from "../../ui/notice";

/** What can be done with a node: drained, it resumes; gone, it can be removed. */
export function Steer({ node, changed }: { node: Node; changed: () => void }) {
  const { busy, act } = useAct();
  const [asked, setAsked] = useState(false);
  const name = visible(node.id);
  const nodeId = node.id;
  const gone = !node.alive && !node.self;
  if (node.draining && !gone) {
    const resume = async () => {
      await admin.resume({ nodeId });
      changed();
      say(`Node ${name} takes new tasks again.`);
    };
    return may("Resume") ? (
      <button
        type="button"
        disabled={busy}
        aria-label={`Resume ${name}`}
        onClick={() => act("It can't resume", resume)}
      >
        {busy ? "Resuming …" : "Resume"}
      </button>
    ) : null;
  }
  if (!may(gone ? "RemoveNode" : "Drain")) return null;
  const drain = async () => {
    const { left } = await admin.drain({ nodeId });
    changed();
    say(`Node ${name} drains; ${plural(left, "task")} not ended.`);
  };
  const remove = async () => {
    await admin.removeNode({ nodeId });
    changed();
    say(`Node ${name} is removed.`);
  };
  const verb = gone ? "Remove" : "Drain";
  return (
    <>
      <button
        type="button"
        class="danger"
        disabled={busy}
        aria-label={`${verb} ${name}`}
        onClick={() => setAsked(true)}
      >
        {verb}
      </button>
      {asked && (
        <Confirm
          title={gone ? "Remove this node?" : "Drain this node?"}
          action={`${verb} the node`}
          run={() =>
            gone ? act("It can't be removed", remove) : act("It can't be drained", drain)
          }
          close={() => setAsked(false)}
        >
          <p>
            {gone ? (
              <>
                The cluster forgets {idText(node.id)} for good: the others take over its tasks, and
                copies of what it kept are made elsewhere.
              </>
            ) : (
              <>
                {idText(node.id)} refuses new tasks and its health checks say so; those that it has
                go on. Resume ends that.
              </>
            )}
          </p>
        </Confirm>
      )}
    </>
  );
}
