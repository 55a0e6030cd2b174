import { useState } from "preact/hooks";
import { address } from "../../address/route";
import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { plural } from "../../text/number";
import { visible } from "../../text/visible";
import { Section } from "../../ui/page";
import { Answered } from "../../ui/state";

/** Which methods each node can run, once its line is unfolded. */
export function Methods({ nodes }: { nodes: readonly Node[] }) {
  return (
    <Section title="Who has which methods">
      {nodes.map((n) => (
        <Unfolding key={n.id} node={n} />
      ))}
    </Section>
  );
}

function Unfolding({ node }: { node: Node }) {
  const [open, setOpen] = useState(false);
  const gone = !node.alive && !node.self;
  return (
    <details class="methods" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {visible(node.id)} <span class="none">{plural(node.methods, "method")}</span>
      </summary>
      {open && (gone ? <p>It is gone, and can't be asked.</p> : <Names node={node} />)}
    </details>
  );
}

function Names({ node }: { node: Node }) {
  // Anew when it has others.
  const answer = useCall(
    (signal) => admin.listTasks({ nodeId: node.id }, { signal }),
    [node.id, node.methods],
  );
  return (
    <Answered answer={answer} busy="Asking the node …">
      {({ tasks }) => (
        <ul class="names">
          {tasks.map((t) => (
            <li key={t.name}>
              <a href={address(["tasks", t.name])}>{visible(t.name)}</a>
            </li>
          ))}
        </ul>
      )}
    </Answered>
  );
}
