import type { Timestamp } from "@bufbuild/protobuf/wkt";

/** Unix time in milliseconds; what is shown needs no more. */
export function milliseconds(t: Timestamp): number {
  return Number(t.seconds) * 1000 + Math.floor(t.nanos / 1e6);
}

const two = (n: number) => String(n).padStart(2, "0");

/** A time of the reader's clock, to the second: 2026-01-02 15:04:05. */
export function timeText(at: number): string {
  const d = new Date(at);
  return `${dateText(d)} ${clockText(at)}`;
}

/** The time of the day alone: 15:04:05. */
export function clockText(at: number): string {
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

function dateText(d: Date): string {
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** Short where it can be: today's times without the date. */
export function shortTimeText(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString()
    ? clockText(at)
    : timeText(at);
}

/** The exact time in the reader's zone and in UTC, to the nanosecond. */
export function exactText(t: Timestamp): string {
  const at = milliseconds(t);
  const fraction = String(t.nanos).padStart(9, "0");
  const utc = new Date(at).toISOString().slice(0, 19);
  return `${timeText(at)}.${fraction} ${zoneText(at)}\n${utc}.${fraction}Z`;
}

function zoneText(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const ahead = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

/** "just now", "12 s ago", "in 3 min": how far from now, in the unit one would say. */
export function agoText(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const far = Math.abs(seconds);
  if (far < 2) return "just now";
  const said =
    far < 90
      ? `${far} s`
      : far < 90 * 60
        ? `${Math.round(far / 60)} min`
        : far < 36 * 3600
          ? `${Math.round(far / 3600)} h`
          : `${Math.round(far / 86400)} days`;
  return seconds < 0 ? `in ${said}` : `${said} ago`;
}
