import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { countText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { Badge } from "../../ui/badge";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";

/** The columns of `task-scheduler admin cluster`. */
const columns: readonly Column<Node>[] = [
  {
    name: "node",
    cell: (n) => (
      <>
        {idText(n.id)} {n.self && <span class="none">(this one)</span>}
      </>
    ),
  },
  { name: "state", cell: (n) => <State node={n} /> },
  { name: "address", wide: true, cell: (n) => visible(n.address) || "-" },
  { name: "version", wide: true, cell: (n) => visible(n.version) || "-" },
  { name: "running", number: true, cell: (n) => countText(n.running) },
  { name: "pending", number: true, cell: (n) => countText(n.pending) },
  { name: "kept", number: true, wide: true, cell: (n) => countText(n.kept) },
  { name: "methods", number: true, wide: true, cell: (n) => countText(n.methods) },
  { name: "seen", cell: (n) => (n.self ? "now" : <Moment at={n.seenAt} ago />) },
];

function State({ node }: { node: Node }) {
  if (!node.alive && !node.self) return <Badge tone="bad">gone</Badge>;
  return node.draining ? <Badge tone="warn">draining</Badge> : <Badge tone="good">serving</Badge>;
}

/** The nodes that share the work, and where their versions differ. */
export function Nodes({ nodes }: { nodes: readonly Node[] }) {
  const versions = new Set(nodes.filter((n) => n.alive).map((n) => n.version));
  return (
    <Section title="Nodes">
      {versions.size > 1 && (
        <p>
          <Badge tone="warn">look at it</Badge> The nodes have {versions.size} versions:{" "}
          {[...versions].map(visible).join(", ")}.
        </p>
      )}
      <Table caption="Nodes" columns={columns} rows={nodes} id={(n) => n.id} />
    </Section>
  );
}
