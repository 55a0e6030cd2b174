import { address } from "../../address/route";
import type { MethodStats, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { durationText } from "../../text/duration";
import { countText, percentText, rateText } from "../../text/number";
import { visible } from "../../text/visible";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";

const name: Column<MethodStats> = {
  name: "task",
  cell: (m) => <a href={address(["tasks", m.method])}>{visible(m.method)}</a>,
};
const calls: Column<MethodStats> = {
  name: "calls/s",
  number: true,
  cell: (m) => rateText(m.callsPerSecond),
};
const p99: Column<MethodStats> = { name: "p99", number: true, cell: (m) => durationText(m.p99) };

const busiest: readonly Column<MethodStats>[] = [
  name,
  calls,
  { name: "running", number: true, cell: (m) => countText(m.running) },
];
const slowest: readonly Column<MethodStats>[] = [
  name,
  { name: "p50", number: true, cell: (m) => durationText(m.p50) },
  p99,
];
const failing: readonly Column<MethodStats>[] = [
  {
    name: "task",
    cell: (m) => (
      <a href={address(["runs"], new URLSearchParams({ method: m.method, state: "failed" }))}>
        {visible(m.method)}
      </a>
    ),
  },
  { name: "failures/s", number: true, cell: (m) => rateText(m.failuresPerSecond) },
  { name: "share", number: true, cell: (m) => percentText(m.failureShare) },
];

/** The tasks that stand out, of the last seconds. */
export function Methods({ stats }: { stats: WatchStatsResponse }) {
  const none = stats.seconds > 0 ? `None in the last ${stats.seconds} s.` : "None lately.";
  return (
    <div class="side-by-side">
      <Top title="Busiest" rows={stats.busiest} columns={busiest} none={none} />
      <Top title="Slowest" rows={stats.slowest} columns={slowest} none={none} />
      <Top title="Most failing" rows={stats.failing} columns={failing} none={none} />
    </div>
  );
}

function Top(props: {
  title: string;
  rows: readonly MethodStats[];
  columns: readonly Column<MethodStats>[];
  none: string;
}) {
  return (
    <Section title={props.title}>
      {props.rows.length === 0 ? (
        <p class="none">{props.none}</p>
      ) : (
        <Table
          caption={props.title}
          columns={props.columns}
          rows={props.rows}
          id={(m) => m.method}
        />
      )}
    </Section>
  );
}
