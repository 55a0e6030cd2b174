import { useMemo } from "preact/hooks";
import type { StatsSample } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { spanText } from "../../text/duration";
import { countText, rateText } from "../../text/number";
import { Chart } from "../../ui/chart";
import { curves } from "./samples";

/** The curves of the last minutes. */
export function Charts({ samples }: { samples: readonly StatsSample[] }) {
  const c = useMemo(() => curves(samples), [samples]);
  return (
    <div class="charts">
      <Chart
        title="Calls"
        times={c.times}
        text={(v) => `${rateText(v)}/s`}
        curves={[
          { name: "calls", color: "--plot-1", values: c.calls },
          { name: "failures", color: "--plot-2", values: c.failures },
        ]}
      />
      <Chart
        title="How long they ran"
        times={c.times}
        powers
        text={spanText}
        curves={[
          { name: "p50", color: "--plot-1", values: c.p50 },
          { name: "p99", color: "--plot-3", values: c.p99 },
        ]}
      />
      <Chart
        title="Tasks"
        times={c.times}
        text={(v) => (Number.isInteger(v) ? countText(v) : "")}
        curves={[
          { name: "running", color: "--plot-1", values: c.running },
          { name: "pending", color: "--plot-3", values: c.pending },
        ]}
      />
    </div>
  );
}
