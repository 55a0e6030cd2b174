import { expect, test } from "vitest";
import { match } from "./keys";

const binding = (keys: string) => ({ keys, does: "", run: () => {} });
const all = [binding("/"), binding("g r"), binding("g o"), binding("?")];

test("keys mean a binding, the beginning of one, or nothing", () => {
  expect(match("/", all)).toBe(all[0]);
  expect(match("g", all)).toBe("begun");
  expect(match("g r", all)).toBe(all[1]);
  expect(match("x", all)).toBeUndefined();
  expect(match("g /", all)).toBe(all[0]);
  expect(match("g g", all)).toBe("begun");
  expect(match("g x", all)).toBeUndefined();
});
