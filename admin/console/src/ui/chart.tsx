import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { clockText } from "../text/moment";
import "uplot/dist/uPlot.min.css";

/** A curve of a chart. */
export interface Curve {
  name: string;
  /** The custom property with its colour: "--plot-1". */
  color: string;
  /** One for each time; null where nothing is known. */
  values: readonly (number | null)[];
}

const height = 150; // px

/** Curves over time, oldest first; the legend tells the values at the pointer, or the newest. */
export function Chart(props: {
  title: string;
  /** Unix seconds. */
  times: readonly number[];
  curves: readonly Curve[];
  /** Powers of ten are equally far apart: for what differs by more than one sees otherwise. */
  powers?: boolean;
  /** A value as text: "12.3/s". */
  text: (value: number) => string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const shape = props.curves.map((c) => c.name + c.color).join();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element, newest.current), dataOf(newest.current), element);
    };
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: element.clientWidth, height });
    });
    draw();
    observer.observe(element);
    dark.addEventListener("change", draw);
    return () => {
      observer.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => {
    plot.current?.setData(dataOf(props));
  }, [props.times, props.curves]);
  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <div ref={frame} role="img" aria-label={describe(props)} />
    </figure>
  );
}

function dataOf(props: { times: readonly number[]; curves: readonly Curve[] }): uPlot.AlignedData {
  return [[...props.times], ...props.curves.map((c) => [...c.values])];
}

const powers: uPlot.Scale = {
  distr: 3,
  range: (_, min, max) =>
    min > 0
      ? [10 ** Math.floor(Math.log10(min)), 10 ** Math.ceil(Math.log10(max * 1.01))]
      : [1e3, 1e6],
};

// Five powers of ten at most, at equal distances.
function decades(_: uPlot, __: number, min: number, max: number): number[] {
  const first = Math.round(Math.log10(min));
  const last = Math.round(Math.log10(max));
  const step = Math.ceil((last - first) / 4);
  const found: number[] = [];
  for (let power = first; power <= last; power += step) found.push(10 ** power);
  return found;
}

// A value between two that aren't known makes no line: it is drawn as a point.
function alone(u: uPlot, series: number): number[] {
  const values = u.data[series] ?? [];
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  }
  return found;
}

function describe(props: Parameters<typeof Chart>[0]): string {
  const parts = props.curves.map((c) => {
    const last = c.values.at(-1);
    return `${c.name} ${last == null ? "unknown" : props.text(last)}`;
  });
  return `${props.title}, now: ${parts.join(", ")}`;
}

function options(element: HTMLElement, props: Parameters<typeof Chart>[0]): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis: uPlot.Axis = {
    stroke: color("--ink-soft"),
    grid: { stroke: color("--line"), width: 1 },
    ticks: { show: false },
    font,
  };
  return {
    width: element.clientWidth,
    height,
    legend: {
      live: true,
      markers: { width: 0, fill: (_, i) => color(props.curves[i - 1]?.color ?? "") },
    },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: props.powers ? powers : { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        incrs: [5, 15, 30, 60, 120, 300, 600],
        values: (_, ticks, __, ___, step) =>
          ticks.map((t) => clockText(t * 1000).slice(0, step < 60 ? 8 : 5)),
      },
      {
        ...axis,
        size: 64,
        space: 30,
        ...(props.powers && { splits: decades, filter: (_: uPlot, splits: number[]) => splits }),
        values: (_, ticks) => ticks.map((t) => (t == null ? "" : props.text(t))),
      },
    ],
    series: [
      {
        label: "at",
        value: (_, at: number | null) => (at === null ? "now" : clockText(at * 1000)),
      },
      ...props.curves.map((c) => ({
        label: c.name,
        stroke: color(c.color),
        width: 1.5,
        spanGaps: false,
        points: { size: 3, width: 0, fill: color(c.color), filter: alone },
        value: (u: uPlot, v: number | null, _: number, at: number | null) => {
          const shown = at === null ? (u.data[props.curves.indexOf(c) + 1]?.at(-1) ?? null) : v;
          return shown === null ? "-" : props.text(shown);
        },
      })),
    ],
  };
}
