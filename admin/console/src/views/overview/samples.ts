import type { StatsSample } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { nanoseconds } from "../../text/duration";
import { milliseconds } from "../../text/moment";

/** What the curves show, column by column; times are Unix seconds. */
export interface Curves {
  times: number[];
  calls: (number | null)[];
  failures: (number | null)[];
  p50: (number | null)[];
  p99: (number | null)[];
  running: (number | null)[];
  pending: (number | null)[];
}

/** How far back the curves go, in seconds. */
export const reach = 600;

const end = (s: StatsSample) => (s.time ? milliseconds(s.time) / 1000 : 0);
const period = (s: StatsSample) => nanoseconds(s.period) / 1e9 || 1;

/**
 * Samples that were there, with those that came. A server that was started anew
 * has no history of the one before: what the page has seen of that stays.
 */
export function merge(old: readonly StatsSample[], came: readonly StatsSample[]): StatsSample[] {
  const first = came[0];
  if (!first) return [...old];
  const kept = old.filter((s) => end(s) < end(first) - period(first) / 2);
  const all = [...kept, ...came];
  const newest = all.at(-1);
  return newest ? all.filter((s) => end(s) > end(newest) - reach) : all;
}

/** The columns of samples; where some are missing, the curves are broken. */
export function curves(samples: readonly StatsSample[]): Curves {
  const c: Curves = {
    times: [],
    calls: [],
    failures: [],
    p50: [],
    p99: [],
    running: [],
    pending: [],
  };
  let last: StatsSample | undefined;
  for (const s of samples) {
    if (last && end(s) - end(last) > 2.5 * period(s)) push(c, end(last) + period(last), undefined);
    push(c, end(s), s);
    last = s;
  }
  return c;
}

function push(c: Curves, time: number, s: StatsSample | undefined): void {
  c.times.push(time);
  c.calls.push(s ? Number(s.calls) / period(s) : null);
  c.failures.push(s ? Number(s.failures) / period(s) : null);
  c.p50.push(nanoseconds(s?.p50) || null);
  c.p99.push(nanoseconds(s?.p99) || null);
  c.running.push(s ? s.running : null);
  c.pending.push(s ? s.pending : null);
}

/** Sums over the samples of the last seconds: what the figures above the curves say. */
export function lately(samples: readonly StatsSample[], seconds: number) {
  const newest = samples.at(-1);
  const recent = newest ? samples.filter((s) => end(s) > end(newest) - seconds) : [];
  const span = recent.reduce((sum, s) => sum + period(s), 0) || 1;
  const total = (of: (s: StatsSample) => bigint) =>
    recent.reduce((sum, s) => sum + Number(of(s)), 0);
  const calls = total((s) => s.calls);
  const failures = total((s) => s.failures);
  return {
    calls: calls / span,
    failures: failures / span,
    share: calls > 0 ? failures / calls : 0,
    // Of quantiles there is no sum: the newest that there is.
    p50: recent.findLast((s) => s.p50)?.p50,
    p99: recent.findLast((s) => s.p99)?.p99,
    running: newest?.running ?? 0,
    pending: newest?.pending ?? 0,
    overdue: newest?.overdue ?? 0,
  };
}
