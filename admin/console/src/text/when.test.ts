import { timestampMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { readWhen } from "./when";

const now = new Date(2026, 0, 2, 15, 4, 5).getTime();
const read = (text: string) => {
  const t = readWhen(text, now);
  return t && timestampMs(t);
};

test("how long ago", () => {
  expect(read("10m")).toBe(now - 600_000);
  expect(read("1h30m")).toBe(now - 5_400_000);
  expect(read("1.5s")).toBe(now - 1500);
});

test("times, of the reader's zone where they have none", () => {
  expect(read("2026-01-02T15:04:05Z")).toBe(Date.UTC(2026, 0, 2, 15, 4, 5));
  expect(read("2026-01-02T15:04:05+02:00")).toBe(Date.UTC(2026, 0, 2, 13, 4, 5));
  expect(read("2026-01-02 15:04:05")).toBe(now);
  expect(read("2026-01-02 15:04")).toBe(now - 5000);
  expect(read("2026-01-02")).toBe(new Date(2026, 0, 2).getTime());
});

test("anything else is none", () => {
  for (const text of ["", "yesterday", "10", "10x", "-5m", "2026-13-01", "2026-1-2"]) {
    expect(read(text)).toBeUndefined();
  }
});
