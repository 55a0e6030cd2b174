import { expect, test } from "vitest";
import { agoText, exactText, milliseconds, shortTimeText, timeText } from "./moment";

const at = new Date(2026, 0, 2, 15, 4, 5).getTime();

test("times are the reader's", () => {
  expect(timeText(at)).toBe("2026-01-02 15:04:05");
  expect(shortTimeText(at, at + 1000)).toBe("15:04:05");
  expect(shortTimeText(at, at + 86_400_000)).toBe("2026-01-02 15:04:05");
});

test("the exact time is there to the nanosecond, in UTC too", () => {
  const t = { $typeName: "google.protobuf.Timestamp", seconds: 1767366245n, nanos: 6 } as const;
  expect(milliseconds(t)).toBe(1767366245000);
  expect(exactText(t)).toMatch(/\.000000006 UTC[+-]\d\d:\d\d\n2026-01-02T15:04:05\.000000006Z$/);
});

test("how long ago is said in the unit one would say", () => {
  const before = (s: number) => agoText(at - s * 1000, at);
  expect([0, 12, 300, 7200, 200_000, -30].map(before)).toEqual([
    "just now",
    "12 s ago",
    "5 min ago",
    "2 h ago",
    "2 days ago",
    "in 30 s",
  ]);
});
