import { decimalText } from "../../value/number";
import type { Value } from "../../value/value";
import type { Call } from "./call";

/** A call as Go code that package client runs. */
export function asGo(c: Call): string {
  const args = (c.args ?? []).map(literal);
  const labels = Object.entries(c.labels).map(([key, value]) => `${text(key)}: ${text(value)}`);
  const task = `client.Task{
	Method: ${text(c.method)},
	Args:   []any{${args.join(", ")}},${labels.length > 0 ? `\n\tLabels: map[string]string{${labels.join(", ")}},` : ""}
}`;
  let call = `result, err := c.RunTask(ctx, ${task})`;
  if (c.detached) call = `id, err := c.Submit(ctx, ${task})`;
  else if (labels.length === 0) {
    call = `result, err := c.Run(ctx, ${[text(c.method), ...args].join(", ")})`;
  }
  return `c, err := client.New(client.Config{Addr: ${text(c.server)}})
if err != nil {
	return err
}
defer c.Close()
${call}
`;
}

const types = {
  int64: "int64",
  uint32: "uint32",
  uint64: "uint64",
  float: "float32",
  double: "float64",
} as const;

/** A value as a Go expression that becomes this very value. */
export function literal(v: Value): string {
  switch (v.kind) {
    case "bool":
    case "int32":
      return String(v.value);
    case "int64":
    case "uint32":
    case "uint64":
      return `${types[v.kind]}(${v.value})`;
    case "float":
    case "double":
      return decimal(v.value, v.kind);
    case "string":
      return text(v.value);
    case "bytes":
      return `[]byte{${Array.from(v.value, (b) => `0x${b.toString(16).padStart(2, "0")}`).join(", ")}}`;
    case "list":
      return `[]any{${v.items.map(literal).join(", ")}}`;
    case "map": {
      const fields = v.fields.map(([name, field]) => `${text(name)}: ${literal(field)}`);
      return `map[string]any{${fields.join(", ")}}`;
    }
    default:
      return "nil";
  }
}

function decimal(v: number, kind: "float" | "double"): string {
  const type = types[kind];
  if (Number.isNaN(v)) return `${type}(math.NaN())`;
  if (!Number.isFinite(v)) return `${type}(math.Inf(${v > 0 ? 1 : -1}))`;
  if (Object.is(v, -0)) return `${type}(math.Copysign(0, -1))`;
  const digits = decimalText(v, kind);
  return kind === "double" && /[.e]/.test(digits) ? digits : `${type}(${digits})`;
}

/** A string as Go writes it; what doesn't show is escaped. */
function text(s: string): string {
  const escaped = s.toWellFormed().replace(/["\\]|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    if (c === '"' || c === "\\") return `\\${c}`;
    if (c === "\n") return "\\n";
    if (c === "\t") return "\\t";
    const point = (c.codePointAt(0) ?? 0).toString(16);
    return point.length > 4 ? `\\U${point.padStart(8, "0")}` : `\\u${point.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
