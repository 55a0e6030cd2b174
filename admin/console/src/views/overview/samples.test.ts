import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type StatsSample, StatsSampleSchema } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { curves, lately, merge } from "./samples";

const sample = (at: number, calls = 10, failures = 0): StatsSample =>
  create(StatsSampleSchema, {
    time: { seconds: BigInt(at), nanos: 0 },
    period: { seconds: 1n, nanos: 0 },
    calls: BigInt(calls),
    failures: BigInt(failures),
    p99: { seconds: 0n, nanos: 1000 },
  });
const times = (list: readonly StatsSample[]) => list.map((s) => Number(s.time?.seconds));

test("what came takes the place of what was there, and older samples go", () => {
  expect(times(merge([sample(1), sample(2)], [sample(3)]))).toEqual([1, 2, 3]);
  expect(
    times(merge([sample(1), sample(2), sample(3)], [sample(2), sample(3), sample(4)])),
  ).toEqual([1, 2, 3, 4]);
  expect(times(merge([sample(1), sample(500)], [sample(700)]))).toEqual([500, 700]);
  expect(times(merge([sample(1)], []))).toEqual([1]);
});

test("where samples are missing, the curves are broken", () => {
  const c = curves([sample(1), sample(2), sample(9)]);
  expect(c.times).toEqual([1, 2, 3, 9]);
  expect(c.calls).toEqual([10, 10, null, 10]);
  expect(c.p99).toEqual([1000, 1000, null, 1000]);
  expect(c.p50).toEqual([null, null, null, null]);
});

test("the figures are those of the last seconds", () => {
  const now = lately([sample(1, 1000), sample(9, 30, 3), sample(10, 10)], 2);
  expect([now.calls, now.failures, now.share]).toEqual([20, 1.5, 0.075]);
  expect(lately([], 10).calls).toBe(0);
});
