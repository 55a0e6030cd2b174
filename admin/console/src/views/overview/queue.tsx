import { address } from "../../address/route";
import type { Node } from "../../gen/taskscheduler/admin/v1/cluster_pb";
import type { QueuedMethod, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { countText } from "../../text/number";
import { visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";
import { NodeState } from "../cluster/nodes";

/** What waits and runs of a method. */
export const queueColumns: readonly Column<QueuedMethod>[] = [
  {
    name: "task",
    cell: (q) => (
      <a href={address(["runs"], new URLSearchParams({ method: q.method, state: "pending" }))}>
        {visible(q.method)}
      </a>
    ),
  },
  { name: "pending", number: true, cell: (q) => countText(q.pending) },
  { name: "running", number: true, cell: (q) => countText(q.running) },
  { name: "for their time", number: true, wide: true, cell: (q) => countText(q.waitingToStart) },
  { name: "to run again", number: true, wide: true, cell: (q) => countText(q.backingOff) },
  { name: "overdue", number: true, wide: true, cell: (q) => countText(q.overdue) },
  { name: "oldest submitted", number: true, cell: (q) => <Moment at={q.oldestSubmittedAt} ago /> },
];

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

/** What waits, by method, and by node where there are others. */
export function Queue({ stats }: { stats: WatchStatsResponse }) {
  if (stats.nodes.length < 2) return <ByMethod stats={stats} title="Queue" />;
  return (
    <>
      <Section title="Queue by node" actions={<a href={address(["cluster"])}>The cluster</a>}>
        <Table caption="Queue by node" columns={nodeColumns} rows={stats.nodes} id={(n) => n.id} />
      </Section>
      <ByMethod stats={stats} title="Queue of this node, by method" />
    </>
  );
}

function ByMethod({ stats, title }: { stats: WatchStatsResponse; title: string }) {
  return (
    <Section title={title} actions={<a href={address(["queue"])}>All of it</a>}>
      {stats.queue.length === 0 ? (
        <p class="none">Nothing waits.</p>
      ) : (
        <Table
          caption="Queue by method"
          columns={queueColumns}
          rows={stats.queue}
          id={(q) => q.method}
        />
      )}
    </Section>
  );
}
