import { expect, test } from "vitest";
import { idText, visible } from "./visible";

test("what doesn't show is escaped", () => {
  expect(visible("größer ❤ 数 <b>")).toBe("größer ❤ 数 <b>");
  expect(visible("\x1b[2J abc\u202edef\u200b\x00")).toBe("\\x1b[2J abc\\u202edef\\u200b\\x00");
  expect(visible("two\nlines\tmore")).toBe("two\nlines\tmore");
});

test("ids are as the command line has them", () => {
  for (const [id, want] of [
    ["019aebc0-0000-7000", "019aebc0-0000-7000"],
    ["größer", "größer"],
    ["", '""'],
    ["two words", '"two words"'],
    ["good\u202e", '"good\\u202e"'],
    ["good\\u202e", '"good\\\\u202e"'],
    ['"good"', '"\\"good\\""'],
    ["good\u00a0", '"good\\u00a0"'],
    ["good\x1b[0m", '"good\\x1b[0m"'],
  ] as const) {
    expect(idText(id)).toBe(want);
  }
});
