import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  ExecutionState,
  GetExecutionResponseSchema,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { phases } from "./phases";

const at = (s: number) => ({ seconds: BigInt(s), nanos: 0 });
const { PENDING, RUNNING, FAILED, SUCCEEDED } = ExecutionState;
const of = (states: [ExecutionState, number | undefined][], now = 100) =>
  phases(
    create(GetExecutionResponseSchema, {
      states: states.map(([state, s]) => (s === undefined ? { state } : { state, time: at(s) })),
    }),
    now * 1000,
  ).map((p) => `${p.what} ${p.attempt}: ${p.from / 1000}-${p.to / 1000}${p.open ? " …" : ""}`);

test("a run waits, runs, waits to run again, and ends", () => {
  expect(
    of([
      [PENDING, 1],
      [RUNNING, 2],
      [PENDING, 5],
      [RUNNING, 9],
      [FAILED, 10],
    ]),
  ).toEqual(["waited 1: 1-2", "ran 1: 2-5", "backed off 1: 5-9", "ran 2: 9-10"]);
});

test("what goes on lasts until now", () => {
  expect(
    of(
      [
        [PENDING, 1],
        [RUNNING, 2],
      ],
      7,
    ),
  ).toEqual(["waited 1: 1-2", "ran 1: 2-7 …"]);
});

test("of what has no time, nothing is shown", () => {
  expect(
    of([
      [PENDING, undefined],
      [RUNNING, 2],
      [SUCCEEDED, 3],
    ]),
  ).toEqual(["ran 1: 2-3"]);
});

test("without states the execution's own times count", () => {
  const details = create(GetExecutionResponseSchema, {
    execution: { state: SUCCEEDED, submittedAt: at(1), startedAt: at(2), endedAt: at(4) },
  });
  expect(phases(details, 0).map((p) => [p.what, p.to - p.from])).toEqual([
    ["waited", 1000],
    ["ran", 2000],
  ]);
});

test("attempts have the numbers that the server gives them", () => {
  const details = create(GetExecutionResponseSchema, {
    states: [
      { state: PENDING, time: at(1) },
      { state: RUNNING, time: at(2) },
      { state: RUNNING, time: at(90) },
      { state: FAILED, time: at(91) },
    ],
    attempts: [
      { number: 1, startedAt: at(2) },
      { number: 40, startedAt: at(90) },
    ],
  });
  expect(phases(details, 0).at(-1)?.attempt).toBe(40);
});
