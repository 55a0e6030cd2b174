import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The time that a reader has typed, as the command line takes it: how long ago, such
 * as 10m or 1h30m, or a time such as 2026-01-02T15:04:05Z, 2026-01-02 15:04 or
 * 2026-01-02, which without a zone are the reader's. Undefined when it is none.
 */
export function readWhen(text: string, now: number): Timestamp | undefined {
  const ago = readSpan(text);
  if (ago !== undefined) return timestampFromMs(now - ago);
  const shape = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;
  if (!shape.test(text)) return undefined;
  // A date alone is read as one of UTC, unless there is a time.
  const at = new Date(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T")).getTime();
  return Number.isNaN(at) ? undefined : timestampFromMs(at);
}

/** Milliseconds of a span such as 500ms, 90s or 1h30m; undefined when it is none. */
export function readSpan(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    sum += Number(number) * (units[unit ?? ""] ?? 0);
  }
  return sum;
}

/** A time to come, likewise: how long from now, such as 5m, or a time. */
export function readComing(text: string, now: number): Timestamp | undefined {
  const span = readSpan(text);
  return span === undefined ? readWhen(text, now) : timestampFromMs(now + span);
}
