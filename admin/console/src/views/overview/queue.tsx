import { address } from "../../address/route";
import type { QueuedMethod, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { countText } from "../../text/number";
import { visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";

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

/** What waits, by method. */
export function Queue({ stats }: { stats: WatchStatsResponse }) {
  return (
    <Section title="Queue" actions={<a href={address(["queue"])}>All of it</a>}>
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
