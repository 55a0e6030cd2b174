import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { type Signature, SignatureSchema } from "../gen/taskscheduler/admin/v1/signature_pb";
import { pack } from "../value/any";
import {
  argumentsText,
  blankArguments,
  fillArguments,
  readArguments,
  readArgumentsText,
  unknown,
} from "./arguments";
import { anything, type Draft, draftOf } from "./draft";
import { sameParameters, typeText } from "./signature";

const signature: Signature = create(SignatureSchema, {
  parameters: [
    { name: "numbers", type: { kind: "list", item: { kind: "int64" } } },
    {
      name: "options",
      optional: true,
      type: {
        kind: "map",
        exact: true,
        fields: [
          { name: "verbose", type: { kind: "bool" }, optional: true },
          { name: "scale", type: { kind: "double" } },
        ],
      },
    },
    { name: "rest", type: { kind: "any" }, variadic: true },
  ],
});

test("a type is written as signatures write it", () => {
  expect(signature.parameters.map((p) => typeText(p.type))).toEqual([
    "list<int64>",
    "{verbose: bool?, scale: double}",
    "any",
  ]);
});

test("what must be there is there at the start, and the rest is left out", () => {
  const start = blankArguments(signature);
  expect(start.map((g) => g.drafts.length)).toEqual([1, 0, 0]);
  expect(readArguments(start)).toEqual([{ kind: "list", items: [] }]);
  expect(readArguments(blankArguments(unknown))).toEqual([]);
});

test("JSON fills the form, and what was typed in the form is the same JSON", () => {
  const text = '[[9007199254740993, "i32:2"], {"scale": 2}, "a", {"k": ["b64:/w=="]}]';
  const values = readArgumentsText(text, signature);
  expect(values[0]).toEqual({
    kind: "list",
    items: [
      { kind: "int64", value: 9007199254740993n },
      { kind: "int64", value: 2n },
    ],
  });
  expect(values[1]).toEqual({ kind: "map", fields: [["scale", { kind: "double", value: 2 }]] });
  const filled = fillArguments(values, signature);
  expect(readArguments(filled)).toEqual(values);
  expect(readArgumentsText(argumentsText(readArguments(filled)), signature)).toEqual(values);
  expect(readArguments(filled).map(pack)).toHaveLength(4);
});

test("what is wrong is told with its place", () => {
  const cases: [string, string][] = [
    ['[["x"]]', "argument 1: item 1: is a string, want int64"],
    ["[[1.5]]", "argument 1: item 1: "],
    ["[[1], {}]", 'argument 2: has no key "scale"'],
    ['[[1], {"scale": 1, "b": 2}]', 'argument 2: has the key "b", which is not one of its fields'],
    ["[]", "want at least 1 argument, got 0"],
    ["{}", "want a JSON list of the arguments"],
    ["[1", "not JSON"],
  ];
  for (const [text, message] of cases) {
    expect(() => readArgumentsText(text, signature)).toThrow(message);
  }
  const type = signature.parameters[0]?.type;
  if (!type) throw new Error("the signature has a parameter");
  const item = (text: string): Draft => ({ ...draftOf({ kind: "int64", value: 0n }, type), text });
  const list = draftOf({ kind: "list", items: [] }, type);
  const given = blankArguments(signature).with(0, {
    parameter: signature.parameters[0] as never,
    drafts: [
      {
        ...list,
        items: [
          { ...item("1"), kind: "int64" },
          { ...item(""), kind: "int64" },
        ],
      },
    ],
  });
  expect(() => readArguments(given)).toThrow("numbers: item 2: want a whole number");
});

test("an argument can't be left out before one that is given", () => {
  const given = blankArguments(signature).with(2, {
    parameter: signature.parameters[2] as never,
    drafts: [draftOf({ kind: "bool", value: true }, anything)],
  });
  expect(() => readArguments(given)).toThrow("options: give it, or leave out those behind it");
});

test("a plugin's new version keeps what was typed if it takes the same", () => {
  expect(sameParameters(signature, { ...signature })).toBe(true);
  expect(sameParameters(signature, unknown)).toBe(false);
});
