import { address } from "../../address/route";
import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import type { QueuedMethod, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { countText } from "../../text/number";
import { visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";
import { NodeState } from "../cluster/nodes";

const task: Column<QueuedMethod> = {
  name: "task",
  cell: (q) => (
    <a href={address(["runs"], new URLSearchParams({ method: q.method, state: "pending" }))}>
      {visible(q.method)}
    </a>
  ),
};

const node: Column<QueuedMethod> = { name: "node", cell: (q) => visible(q.nodeId) };

const counts: readonly Column<QueuedMethod>[] = [
  { name: "pending", number: true, cell: (q) => countText(q.pending) },
  { name: "running", number: true, cell: (q) => countText(q.running) },
  { name: "to start", number: true, wide: true, cell: (q) => countText(q.waitingToStart) },
  { name: "backing off", number: true, wide: true, cell: (q) => countText(q.backingOff) },
  { name: "overdue", number: true, wide: true, cell: (q) => countText(q.overdue) },
  {
    name: "oldest submitted",
    number: true,
    wide: true,
    cell: (q) => <Moment at={q.oldestSubmittedAt} ago />,
  },
];

/** What waits and runs of each method, and on which node where there are several. */
export function QueueTable({ rows, nodes }: { rows: readonly QueuedMethod[]; nodes: boolean }) {
  return (
    <Table
      caption={nodes ? "Queue by method and node" : "Queue by method"}
      columns={nodes ? [task, node, ...counts] : [task, ...counts]}
      rows={rows}
      id={(q) => `${q.nodeId} ${q.method}`}
    />
  );
}

/** How much there is to do for each node, as it has told last. */
const nodeColumns: readonly Column<Node>[] = [
  {
    name: "node",
    cell: (n) => (
      <>
        <a href={address(["runs"], new URLSearchParams({ node: n.id, state: "pending" }))}>
          {visible(n.id)}
        </a>{" "}
        {n.self && <span class="none">(this one)</span>}
      </>
    ),
  },
  { name: "state", cell: (n) => <NodeState node={n} /> },
  { name: "pending", number: true, cell: (n) => countText(n.pending) },
  { name: "running", number: true, cell: (n) => countText(n.running) },
  { name: "kept", number: true, wide: true, cell: (n) => countText(n.kept) },
];

/** What waits, by method and node, and what each node has to do where there are others. */
export function Queue({ stats }: { stats: WatchStatsResponse }) {
  const nodes = stats.nodes.length > 1;
  return (
    <>
      {nodes && (
        <Section title="Queue by node" actions={<a href={address(["cluster"])}>The cluster</a>}>
          <Table
            caption="Queue by node"
            columns={nodeColumns}
            rows={stats.nodes}
            id={(n) => n.id}
          />
        </Section>
      )}
      <Section
        title={nodes ? "Queue by method and node" : "Queue"}
        actions={<a href={address(["queue"])}>All of it</a>}
      >
        {stats.queue.length === 0 ? (
          <p class="none">Nothing waits.</p>
        ) : (
          <QueueTable rows={stats.queue} nodes={nodes} />
        )}
      </Section>
    </>
  );
}
