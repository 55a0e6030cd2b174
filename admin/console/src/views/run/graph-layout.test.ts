import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { RelativeSchema } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { edge, layOut, shorten } from "./graph-layout";

const many = (n: number) =>
  Array.from({ length: n }, (_, i) => create(RelativeSchema, { id: `t${i}` }));

test("what it waited for stands before it, what waits for it behind", () => {
  const g = layOut(many(2), many(1));
  expect(g.before.every((n) => n.x < g.self.x)).toBe(true);
  expect(g.after.every((n) => n.x > g.self.x)).toBe(true);
  expect(g.after[0]?.y).toBe(g.self.y);
  expect(new Set(g.before.map((n) => n.y)).size).toBe(2);
});

test("a column that is empty takes no room", () => {
  const alone = layOut([], []);
  expect([alone.self.x, alone.self.y]).toEqual([0, 0]);
  expect(layOut([], many(1)).width).toBeLessThan(layOut(many(1), many(1)).width);
});

test("of very many some are drawn and the rest is counted", () => {
  const g = layOut(many(1000), []);
  expect(g.before.length + g.beforeLeft).toBe(1000);
  expect(g.height).toBeLessThan(600);
});

test("an edge goes from one node's right side to the other's left", () => {
  const g = layOut(many(1), []);
  const [from] = g.before;
  expect(from && edge(from, g.self)).toMatch(/^M220 22C.* 310 22$/);
});

test("long ids keep both ends", () => {
  expect(shorten("short")).toBe("short");
  expect(shorten("0123456789", 7)).toBe("012…789");
});
