import type { Duration } from "@bufbuild/protobuf/wkt";

const units: [number, string][] = [
  [1e9, "s"],
  [1e6, "ms"],
  [1e3, "µs"],
  [1, "ns"],
];

/** A span of nanoseconds with three digits, as the command line has it: 1.23ms, 12.3s, 3h4m. */
export function spanText(nanoseconds: number): string {
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 0) return `-${spanText(-nanoseconds)}`;
  const seconds = Math.floor(nanoseconds / 1e9);
  if (seconds >= 86400)
    return `${Math.floor(seconds / 86400)}d${Math.floor((seconds % 86400) / 3600)}h`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
  if (nanoseconds >= 59.95e9) {
    const whole = Math.round(nanoseconds / 1e9);
    return whole >= 3600 ? "1h0m" : `${Math.floor(whole / 60)}m${whole % 60}s`;
  }
  for (const [unit, name] of units) {
    // What rounds up to a thousand is one of the next unit.
    if (nanoseconds >= unit * 0.9995 || unit === 1) {
      return `${Number((nanoseconds / unit).toPrecision(3))}${name}`;
    }
  }
  return "< 1ns";
}

/** Nanoseconds of a duration; exact up to 104 days, which is more than is shown. */
export function nanoseconds(d: Duration | undefined): number {
  return d ? Number(d.seconds) * 1e9 + d.nanos : 0;
}

/** A duration as text, a dash for none. */
export function durationText(d: Duration | undefined): string {
  if (!d) return "-";
  return spanText(nanoseconds(d));
}
