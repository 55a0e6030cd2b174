import type { ListNodesResponse, Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { countText, sizeText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { Badge } from "../../ui/badge";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";
import { Unanswered } from "../../ui/unanswered";
import { Steer } from "./steer";
import { Version, Versions } from "./versions";

/** The columns of `task-scheduler admin cluster`; own is this node's version. */
const columns = (own: string): readonly Column<Node>[] => [
  {
    name: "node",
    cell: (n) => (
      <>
        {idText(n.id)} {n.self && <span class="none">(this one)</span>}
      </>
    ),
  },
  { name: "state", cell: (n) => <NodeState node={n} /> },
  { name: "address", wide: true, cell: (n) => visible(n.address) || "-" },
  { name: "version", wide: true, cell: (n) => <Version node={n} own={own} /> },
  { name: "running", number: true, wide: true, cell: (n) => countText(n.running) },
  { name: "pending", number: true, cell: (n) => countText(n.pending) },
  { name: "kept", number: true, wide: true, cell: (n) => countText(n.kept) },
  { name: "methods", number: true, wide: true, cell: (n) => countText(n.methods) },
];

/** Those of nodes that keep data; the others have nothing to say there. */
const kept: readonly Column<Node>[] = [
  { name: "lag", number: true, wide: true, cell: (n) => countText(n.lag) },
  { name: "disk", number: true, wide: true, cell: (n) => sizeOrDash(n.diskBytes) },
  { name: "free", number: true, wide: true, cell: (n) => sizeOrDash(n.diskFreeBytes) },
];

const seen: Column<Node> = {
  name: "seen",
  wide: true,
  cell: (n) => (n.self ? "now" : <Moment at={n.seenAt} ago />),
};

function sizeOrDash(bytes: bigint): string {
  return bytes > 0n ? sizeText(bytes) : "-";
}

/** Whether a node serves, drains or is gone, and whether it leads. */
export function NodeState({ node }: { node: Node }) {
  return (
    <>
      {node.takenOver && node.left ? (
        <Badge tone="warn">stopped</Badge>
      ) : node.takenOver ? (
        <Badge tone="bad">gone, taken over</Badge>
      ) : !node.alive && !node.self ? (
        <Badge tone="bad">gone</Badge>
      ) : node.starting ? (
        <Badge tone="warn">starting</Badge>
      ) : node.draining ? (
        <Badge tone="warn">draining</Badge>
      ) : (
        <Badge tone="good">serving</Badge>
      )}{" "}
      {node.leader && <Badge tone="calm">leads</Badge>}
    </>
  );
}

/** The nodes that share the work, and where their versions differ. */
export function Nodes({ found, changed }: { found: ListNodesResponse; changed: () => void }) {
  const { nodes, unansweredNodes } = found;
  const own = nodes.find((n) => n.self)?.version ?? "";
  const keep = nodes.some((n) => n.diskBytes > 0n || n.diskFreeBytes > 0n);
  const steer: Column<Node> = {
    name: "actions",
    cell: (n) => <Steer node={n} changed={changed} />,
  };
  return (
    <Section title="Nodes">
      <Versions nodes={nodes} />
      <Unanswered nodes={unansweredNodes} so="their numbers are what they have told last" />
      <Table
        caption="Nodes"
        columns={[...columns(own), ...(keep ? kept : []), seen, steer]}
        rows={nodes}
        id={(n) => n.id}
      />
    </Section>
  );
}
