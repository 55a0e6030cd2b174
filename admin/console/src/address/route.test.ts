import { expect, test } from "vitest";
import { address, decodePart, encodePart } from "./route";

test("any id comes back from its address", () => {
  for (const id of [
    "a",
    "a/b?c#d%",
    ".",
    "..",
    "~.",
    "~~..",
    "~a",
    "größer 数",
    "%",
    "...",
    "\\",
  ]) {
    const at = new URL(address(["runs", id]), "http://host");
    expect(at.pathname.startsWith("/runs/")).toBe(true);
    expect(decodePart(at.pathname.slice("/runs/".length))).toBe(id);
  }
});

test("what can't be decoded is taken as it stands", () => {
  expect(decodePart("100%")).toBe("100%");
  expect(encodePart("half \ud800")).toBe(encodePart("half \ufffd"));
});

test("a query is there only if it says something", () => {
  expect(address(["runs"], new URLSearchParams())).toBe("/runs");
  expect(address([], new URLSearchParams({ a: "b c" }))).toBe("/?a=b+c");
});
