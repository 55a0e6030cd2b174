import { expect, test } from "vitest";
import { pack, unpack } from "./any";
import { readBytes, recode } from "./bytes";
import { readJSON } from "./json";
import { readDecimal, readWhole } from "./number";
import type { Value } from "./value";
import { json, shell, word } from "./word";

const every: [Value, string][] = [
  [{ kind: "bool", value: true }, "true"],
  [{ kind: "int32", value: -5 }, "-5"],
  [{ kind: "int64", value: 9223372036854775807n }, "i64:9223372036854775807"],
  [{ kind: "uint32", value: 4294967295 }, "u32:4294967295"],
  [{ kind: "uint64", value: 18446744073709551615n }, "u64:18446744073709551615"],
  [{ kind: "float", value: Math.fround(0.1) }, "f32:0.1"],
  [{ kind: "double", value: 1.5 }, "1.5"],
  [{ kind: "double", value: 2 }, "f64:2"],
  [{ kind: "double", value: Number.NEGATIVE_INFINITY }, "f64:-Inf"],
  [{ kind: "string", value: "hi" }, "hi"],
  [{ kind: "string", value: "i64:5" }, "str:i64:5"],
  [{ kind: "string", value: "12" }, "str:12"],
  [{ kind: "bytes", value: new Uint8Array([104, 105, 255]) }, "b64:aGn/"],
  [
    {
      kind: "list",
      items: [
        { kind: "int64", value: 5n },
        { kind: "map", fields: [["__proto__", { kind: "string", value: "str:a" }]] },
      ],
    },
    '["i64:5",{"__proto__":"str:str:a"}]',
  ],
];

test("values go to the server and come back as they are", () => {
  for (const [value] of every) expect(unpack(pack(value))).toEqual(value);
});

test("values are written as the command line reads them", () => {
  for (const [value, text] of every) expect(word(value)).toBe(text);
});

test("JSON is read exactly, and comes back from what is written", () => {
  const list: Value = { kind: "list", items: every.map(([value]) => value) };
  expect(readJSON(json(list))).toEqual(list);
  expect(readJSON(json(list, "", "  "))).toEqual(list);
  expect(readJSON("9007199254740993")).toEqual({ kind: "int64", value: 9007199254740993n });
  expect(readJSON("18446744073709551615")).toEqual({ kind: "uint64", value: 2n ** 64n - 1n });
  for (const bad of ["null", "[1", "", '["i32:x"]', "18446744073709551616", '"bytes:@file"']) {
    expect(() => readJSON(bad)).toThrow();
  }
});

test("numbers are held against their bounds", () => {
  expect(readWhole(" -9223372036854775808 ", "int64")).toEqual({
    kind: "int64",
    value: -(2n ** 63n),
  });
  expect(() => readWhole("2147483648", "int32")).toThrow("want one from -2147483648 to 2147483647");
  expect(() => readWhole("-1", "uint64")).toThrow("want one from 0");
  expect(() => readWhole("1.0", "int32")).toThrow("want a whole number");
  expect(readDecimal("-inf", "double")).toEqual({
    kind: "double",
    value: Number.NEGATIVE_INFINITY,
  });
  expect(readDecimal("NaN", "float")).toEqual({ kind: "float", value: Number.NaN });
  for (const bad of ["", "1e999", "0x10", "e5", "1,5"])
    expect(() => readDecimal(bad, "double")).toThrow();
});

test("bytes are read in each coding", () => {
  for (const [text, coding] of [
    ["hi", "text"],
    ["68 69", "hex"],
    ["aGk=", "base64"],
  ] as const) {
    expect([...readBytes(text, coding)]).toEqual([104, 105]);
  }
  expect(() => readBytes("686", "hex")).toThrow("two digits");
  expect(() => readBytes("%", "base64")).toThrow("not base64");
  expect(recode("hi", "text", "hex")).toBe("6869");
  expect(recode("ff", "hex", "text")).toBe("ff");
});

test("a shell takes any word as it is", () => {
  expect(shell(["run", "a b", "it's", "", "$x"])).toBe(`run 'a b' 'it'\\''s' '' '$x'`);
});
