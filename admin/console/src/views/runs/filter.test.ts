import { expect, test } from "vitest";
import { ExecutionState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { chooseAll, readFilter, writeFilter } from "./filter";

test("a filter comes back from its address", () => {
  const address =
    "state=running%2Cfailed&method=math%3A%3Amultiply&plugin=math&label=team%3Da&label=x%3Dy%3Dz" +
    "&code=INVALID_ARGUMENT%2CINTERNAL&node=n1&caller=10.0.0.1&id=a+b&retry-of=old&since=10m&until=2026-01-02";
  const filter = readFilter(new URLSearchParams(address));
  expect(filter.states).toEqual([ExecutionState.RUNNING, ExecutionState.FAILED]);
  expect(filter.labels).toEqual([
    ["team", "a"],
    ["x", "y=z"],
  ]);
  expect(writeFilter(filter).toString()).toBe(address);
});

test("what a reader types is taken as the command line takes it", () => {
  const filter = readFilter(
    new URLSearchParams(
      "state=failed&state=bogus,pending&code=not-found,,not_found&label=x&label==y",
    ),
  );
  expect(writeFilter(filter).toString()).toBe("state=pending%2Cfailed&code=NOT_FOUND");
});

test("no query chooses all", () => {
  expect(chooseAll(readFilter(new URLSearchParams("other=1")))).toBe(true);
  expect(chooseAll(readFilter(new URLSearchParams("id=a")))).toBe(false);
});
