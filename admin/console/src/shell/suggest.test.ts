import { expect, test } from "vitest";
import { suggest } from "./suggest";

const tasks = ["math::add", "add", "ping", "badder", "Add_all"];

test("ids first, then what begins so, then what has it", () => {
  expect(suggest(" add ", tasks, ["adders"]).map((s) => s.address)).toEqual([
    "/runs?id=add",
    "/runs/add",
    "/tasks/Add_all",
    "/tasks/add",
    "/tasks/badder",
    "/tasks/math%3A%3Aadd",
    "/plugins/adders",
  ]);
});

test("any text is an id, and nothing is nothing", () => {
  expect(suggest("a/b\u202e", tasks, [])).toEqual([
    { what: "runs whose id begins with", name: '"a/b\\u202e"', address: "/runs?id=a%2Fb%E2%80%AE" },
    { what: "the run", name: '"a/b\\u202e"', address: "/runs/a%2Fb%E2%80%AE" },
  ]);
  expect(suggest("  ", tasks, ["a"])).toEqual([]);
});
