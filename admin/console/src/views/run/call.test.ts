import { expect, test } from "vitest";
import type { Value } from "../../value/value";
import { shell } from "../../value/word";
import { asCommand, asGrpcurl, type Call } from "./call";
import { asGo, literal } from "./go";

const call = (args: Value[], more: Partial<Call> = {}): Call => ({
  server: "127.0.0.1:50051",
  method: "add",
  args,
  labels: {},
  detached: false,
  ...more,
});
const big: Value = { kind: "int64", value: 9007199254740993n };
const map: Value = { kind: "map", fields: [["it's", { kind: "double", value: 1.5 }]] };

test("as a command", () => {
  expect(asCommand(call([{ kind: "int32", value: 1 }, big]))).toBe(
    "task-scheduler run add 1 i64:9007199254740993",
  );
  expect(asCommand(call([map], { server: "host:1", labels: { team: "a b" } }))).toBe(
    `task-scheduler run --server host:1 '--label=team=a b' add '{"it'\\''s":1.5}'`,
  );
  expect(asCommand(call([{ kind: "int32", value: -5 }]))).toBe("task-scheduler run -- add -5");
});

test("one that was left to run by itself is so again", () => {
  const left = call([{ kind: "int32", value: 1 }], { detached: true });
  expect(asCommand(left)).toBe("task-scheduler run --detach add 1");
  expect(asGrpcurl(left)).toContain('"detached":true');
  expect(asGo(left)).toContain(
    'id, err := c.Submit(ctx, client.Task{\n\tMethod: "add",\n\tArgs:   []any{1},\n})\n',
  );
  expect(asGo({ ...left, labels: { team: "a" } })).toContain(
    '\tArgs:   []any{1},\n\tLabels: map[string]string{"team": "a"},\n})\n',
  );
});

test("a label that looks like a flag is one's value", () => {
  expect(asCommand(call([], { labels: { "-k": "--all" } }))).toBe(
    "task-scheduler run --label=-k=--all add",
  );
});

test("what is pasted can't run by itself", () => {
  expect(shell(["a\u0003\nrm -rf 'x'"])).toBe("$'a\\u0003\\u000arm -rf \\'x\\''");
  expect(shell(["\n'!rm"])).toBe("$'\\u000a\\'\\u0021rm'");
  expect(shell(["$(reboot)", "`reboot`"])).toBe("'$(reboot)' '`reboot`'");
});

test("as grpcurl", () => {
  const text = asGrpcurl(call([big, { kind: "bytes", value: new Uint8Array([1, 255]) }, map]));
  const json = JSON.parse(
    text.replaceAll("'\\''", "\u0000").split("'")[1]?.replaceAll("\u0000", "'") ?? "",
  );
  expect(json).toEqual({
    method: "add",
    args: [
      { "@type": "type.googleapis.com/google.protobuf.Int64Value", value: "9007199254740993" },
      { "@type": "type.googleapis.com/google.protobuf.BytesValue", value: "Af8=" },
      {
        "@type": "type.googleapis.com/taskscheduler.MapValue",
        fields: {
          "it's": { "@type": "type.googleapis.com/google.protobuf.DoubleValue", value: 1.5 },
        },
      },
    ],
  });
  expect(text).toMatch(
    /^grpcurl -plaintext -d '.*' 127\.0\.0\.1:50051 taskscheduler\.TaskScheduler\/SubmitTask$/,
  );
});

test("as Go", () => {
  expect(
    asGo(
      call([
        { kind: "int32", value: 1 },
        { kind: "string", value: 'a"b\n\u202e' },
      ]),
    ),
  ).toContain('result, err := c.Run(ctx, "add", 1, "a\\"b\\n\\u202e")\n');
  expect(asGo(call([], { labels: { team: "a" } }))).toContain(
    'Labels: map[string]string{"team": "a"},',
  );
  const values: Value[] = [
    big,
    { kind: "float", value: Math.fround(0.1) },
    { kind: "double", value: 3 },
    { kind: "double", value: Number.NEGATIVE_INFINITY },
    { kind: "bytes", value: new Uint8Array([0, 16]) },
    { kind: "list", items: [{ kind: "bool", value: true }, map] },
  ];
  expect(values.map(literal)).toEqual([
    "int64(9007199254740993)",
    "float32(0.1)",
    "float64(3)",
    "float64(math.Inf(-1))",
    "[]byte{0x00, 0x10}",
    '[]any{true, map[string]any{"it\'s": 1.5}}',
  ]);
});

test("what doesn't show is copied as what is shown", () => {
  const turned = call([{ kind: "string", value: "a\u202e\u{e0041}" }]);
  expect(asCommand(turned)).toBe("task-scheduler run add $'a\\u202e\\U000e0041'");
  expect(asGrpcurl(turned)).toContain('"value":"a\\u202e\\udb40\\udc41"}');
  const cut = call([{ kind: "string", value: "a\0b" }]);
  expect(asCommand(cut)).toBeUndefined();
  expect(asGrpcurl(cut)).toContain('"value":"a\\u0000b"}');
  const inside = call([{ kind: "list", items: [{ kind: "string", value: "a\0b" }] }]);
  expect(asCommand(inside)).toBe(`task-scheduler run add '["a\\u0000b"]'`);
});
