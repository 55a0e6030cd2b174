import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  type Execution,
  ExecutionSchema,
  ExecutionState,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { merge, ordered, split } from "./book";

const run = (at: number, id = `r${at}`, state = ExecutionState.RUNNING): Execution =>
  create(ExecutionSchema, { id, state, submittedAt: { seconds: BigInt(at), nanos: 0 } });
const ids = (list: readonly Execution[]) => list.map((x) => x.id);

test("what came stands where the server would have it", () => {
  const list = [run(9), run(7), run(5)];
  expect(ids(merge(list, [run(10), run(8), run(6)], false))).toEqual([
    "r10",
    "r9",
    "r8",
    "r7",
    "r6",
    "r5",
  ]);
  expect(ids(merge(list, [run(7, "z"), run(7, "a")], false))).toEqual(["r9", "z", "r7", "a", "r5"]);
});

test("what is known is replaced", () => {
  const merged = merge([run(9), run(7)], [run(7, "r7", ExecutionState.FAILED)], true);
  expect(merged.map((x) => x.state)).toEqual([ExecutionState.RUNNING, ExecutionState.FAILED]);
});

test("what belongs to pages to come is left to them", () => {
  expect(ids(merge([run(9)], [run(3)], false))).toEqual(["r9"]);
  expect(ids(merge([run(9)], [run(3)], true))).toEqual(["r9", "r3"]);
  expect(ids(merge([], [run(3)], false))).toEqual(["r3"]);
});

test("newer ones are told from news of those that are there", () => {
  const { known, newer } = split([run(9), run(7)], [run(11), run(9), run(8)]);
  expect([ids(newer), ids(known)]).toEqual([["r11"], ["r9", "r8"]]);
});

test("of several words on one, the last counts", () => {
  const came = ordered([run(1), run(2), run(1, "r1", ExecutionState.SUCCEEDED)]);
  expect(ids(came)).toEqual(["r2", "r1"]);
  expect(came[1]?.state).toBe(ExecutionState.SUCCEEDED);
});
