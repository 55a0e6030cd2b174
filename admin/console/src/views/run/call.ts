import { base64Text } from "../../value/bytes";
import { decimalText } from "../../value/number";
import type { Value } from "../../value/value";
import { shell, word } from "../../value/word";

/** A call of a task, to be written as a command or as code. */
export interface Call {
  /** Of the server's clients' port: "127.0.0.1:50051". */
  server: string;
  method: string;
  /** Undefined when they are not known. */
  args: readonly Value[] | undefined;
  labels: Readonly<Record<string, string>>;
  /** It is left to run by itself, and nobody waits for its result. */
  detached: boolean;
}

const usual = "127.0.0.1:50051";

/** `task-scheduler run add 1 2 3`; undefined when no command line can carry it. */
export function asCommand(c: Call): string | undefined {
  const words = ["task-scheduler", "run"];
  if (c.server !== usual) words.push("--server", c.server);
  if (c.detached) words.push("--detach");
  for (const [key, value] of Object.entries(c.labels)) words.push(`--label=${key}=${value}`);
  const args = (c.args ?? []).map(word);
  if (args.some((a) => a.includes("\0"))) return undefined;
  // What looks like a flag is none behind two dashes.
  if (c.method.startsWith("-") || args.some((a) => a.startsWith("-"))) words.push("--");
  return shell([...words, c.method, ...args]);
}

/** The same as a call of the rpc. */
export function asGrpcurl(c: Call): string {
  const request = {
    method: c.method,
    ...(c.args && c.args.length > 0 && { args: c.args.map(anyJSON) }),
    ...(Object.keys(c.labels).length > 0 && { labels: c.labels }),
    ...(c.detached && { detached: true }),
  };
  // JSON has an escape for what doesn't show.
  const json = JSON.stringify(request).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (hidden) =>
    Array.from({ length: hidden.length }, (_, i) => hidden.charCodeAt(i).toString(16))
      .map((unit) => `\\u${unit.padStart(4, "0")}`)
      .join(""),
  );
  const words = ["grpcurl", "-plaintext", "-d", json, c.server];
  return shell([...words, "taskscheduler.TaskScheduler/SubmitTask"]);
}

const wrappers: Partial<Record<Value["kind"], string>> = {
  bool: "BoolValue",
  int32: "Int32Value",
  int64: "Int64Value",
  uint32: "UInt32Value",
  uint64: "UInt64Value",
  float: "FloatValue",
  double: "DoubleValue",
  string: "StringValue",
  bytes: "BytesValue",
};

/** A value as protobuf's JSON has the message that carries it. */
export function anyJSON(v: Value): unknown {
  const type = (name: string) => `type.googleapis.com/${name}`;
  switch (v.kind) {
    case "list":
      return { "@type": type("taskscheduler.ListValue"), values: v.items.map(anyJSON) };
    case "map": {
      const fields = Object.fromEntries(v.fields.map(([name, field]) => [name, anyJSON(field)]));
      return { "@type": type("taskscheduler.MapValue"), fields };
    }
    default:
      return { "@type": type(`google.protobuf.${wrappers[v.kind]}`), value: plainJSON(v) };
  }
}

function plainJSON(v: Value): unknown {
  switch (v.kind) {
    case "int64":
    case "uint64":
      return String(v.value);
    case "bytes":
      return base64Text(v.value);
    case "float":
    case "double":
      // For some JSON has no number, or JavaScript doesn't write it: these are strings.
      if (Number.isNaN(v.value)) return "NaN";
      if (!Number.isFinite(v.value)) return v.value > 0 ? "Infinity" : "-Infinity";
      return Object.is(v.value, -0) ? "-0" : Number(decimalText(v.value, v.kind));
    case "bool":
    case "int32":
    case "uint32":
    case "string":
      return v.value;
    default:
      return null;
  }
}
