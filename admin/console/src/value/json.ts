import { readBytes } from "./bytes";
import { readDecimal, readWhole } from "./number";
import { maxDepth, sorted, type Value } from "./value";

// Strings and numbers of a JSON text, as JSON writes them.
const scalars = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Reads JSON as the command line does: numbers exactly, strings that may be typed.
 * JSON.parse rounds numbers, so they go through it as strings, and a mark in front
 * tells the two apart.
 */
export function readJSON(text: string): Value {
  try {
    JSON.parse(text);
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1];
    const where = at ? ` at character ${Number(at) + 1}` : ", or it ends too early";
    throw new Error(`not JSON${where}`);
  }
  const marked = text.replace(scalars, (s) => (s.startsWith('"') ? `"s${s.slice(1)}` : `"n${s}"`));
  return fromJSON(JSON.parse(marked), 0);
}

function fromJSON(read: unknown, depth: number): Value {
  if (depth > maxDepth) throw new Error(`more than ${maxDepth} lists and maps inside each other`);
  if (typeof read === "boolean") return { kind: "bool", value: read };
  if (typeof read === "string") {
    const text = read.slice(1);
    if (read.startsWith("n")) return readNumber(text);
    return readTyped(text) ?? { kind: "string", value: text };
  }
  if (Array.isArray(read)) {
    return { kind: "list", items: read.map((item) => fromJSON(item, depth + 1)) };
  }
  if (typeof read === "object" && read !== null) {
    const fields = Object.entries(read).map(([name, field]): [string, Value] => [
      name.slice(1),
      fromJSON(field, depth + 1),
    ]);
    return { kind: "map", fields: sorted(fields) };
  }
  throw new Error("null is not a type of the contract");
}

/** The smallest of int32, int64 and uint64 that holds a number, or a double. */
function readNumber(text: string): Value {
  if (!/^-?\d+$/.test(text)) return readDecimal(text, "double");
  for (const kind of ["int32", "int64"] as const) {
    try {
      return readWhole(text, kind);
    } catch {
      // The next one may hold it.
    }
  }
  return readWhole(text, "uint64");
}

/** A value with its type in front, as the command line takes it; undefined: it has none. */
function readTyped(text: string): Value | undefined {
  const at = text.indexOf(":");
  const rest = text.slice(at + 1);
  switch (text.slice(0, Math.max(at, 0))) {
    case "i32":
      return readWhole(rest, "int32");
    case "i64":
      return readWhole(rest, "int64");
    case "u32":
      return readWhole(rest, "uint32");
    case "u64":
      return readWhole(rest, "uint64");
    case "f32":
      return readDecimal(rest, "float");
    case "f64":
      return readDecimal(rest, "double");
    case "bool":
      if (rest !== "true" && rest !== "false") throw new Error("want bool:true or bool:false");
      return { kind: "bool", value: rest === "true" };
    case "str":
      return { kind: "string", value: rest };
    case "bytes":
      if (rest.startsWith("@")) throw new Error("bytes:@ reads files on the command line only");
      return { kind: "bytes", value: readBytes(rest, "text") };
    case "b64":
      return { kind: "bytes", value: readBytes(rest, "base64") };
    default:
      return undefined;
  }
}
