import type { ComponentChildren } from "preact";
import { address } from "../../address/route";
import type { StatsSample, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { durationText } from "../../text/duration";
import { countText, percentText, rateText } from "../../text/number";
import { lately } from "./samples";

const seconds = 10;

/** The figures of the last seconds, each leading to the runs that it is about. */
export function Figures(props: { samples: readonly StatsSample[]; newest: WatchStatsResponse }) {
  const now = lately(props.samples, seconds);
  const runs = (state: string) => address(["runs"], new URLSearchParams({ state }));
  const waiting = props.newest.waitingToStart + props.newest.backingOff;
  return (
    <section class="figures" aria-label={`The last ${seconds} seconds`}>
      <Figure name="calls/s" value={rateText(now.calls)} note={`in the last ${seconds} s`} />
      <Figure
        name="failures/s"
        value={rateText(now.failures)}
        note={now.failures > 0 ? `${percentText(now.share)} of calls` : "none"}
        href={runs("failed")}
        bad={now.failures > 0}
      />
      <Figure name="p50" value={durationText(now.p50)} note="half ran faster" />
      <Figure name="p99" value={durationText(now.p99)} note="1 in 100 is slower" />
      <Figure name="running" value={countText(now.running)} href={runs("running")} />
      <Figure
        name="pending"
        value={countText(now.pending)}
        note={waiting > 0 ? `${countText(waiting)} to start` : undefined}
        href={runs("pending")}
      />
      <Figure
        name="overdue"
        value={countText(now.overdue)}
        note="ended, still busy"
        bad={now.overdue > 0}
      />
    </section>
  );
}

function Figure(props: {
  name: string;
  value: string;
  note?: string | undefined;
  href?: string;
  bad?: boolean;
}) {
  const inside: ComponentChildren = (
    <>
      <span class="figure-name">{props.name}</span>
      <span class={props.bad ? "figure-value bad" : "figure-value"}>{props.value}</span>
      <span class="figure-note">{props.note}</span>
    </>
  );
  if (props.href === undefined) return <div class="figure">{inside}</div>;
  return (
    <a class="figure" href={props.href}>
      {inside}
    </a>
  );
}
