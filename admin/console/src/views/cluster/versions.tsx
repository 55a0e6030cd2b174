import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { idText, visible } from "../../text/visible";
import { Badge } from "../../ui/badge";

/** Says which nodes have which version, while those that are alive have several. */
export function Versions({ nodes }: { nodes: readonly Node[] }) {
  const having = new Map<string, string[]>();
  for (const n of nodes) {
    if (!n.version || !(n.alive || n.self)) continue;
    having.set(n.version, [...(having.get(n.version) ?? []), idText(n.id)]);
  }
  if (having.size < 2) return null;
  const each = [...having].map(([version, ids]) => `${visible(version)} on ${ids.join(", ")}`);
  return (
    <p role="status">
      <Badge tone="warn">look at it</Badge> The nodes have {having.size} versions: {each.join("; ")}
      .
    </p>
  );
}

/** A node's version, marked where it isn't that of the node that shows the page. */
export function Version({ node, own }: { node: Node; own: string }) {
  if (!node.version) return "-";
  const differs = own !== "" && node.version !== own;
  return differs ? <Badge tone="warn">{visible(node.version)}</Badge> : visible(node.version);
}
