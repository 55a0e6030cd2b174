/** A task's argument or result: a kind of the contract, and what fits it exactly. */
export type Value =
  | { kind: "null" }
  | { kind: "bool"; value: boolean }
  | { kind: "int32" | "uint32"; value: number }
  | { kind: "int64" | "uint64"; value: bigint }
  | { kind: "float" | "double"; value: number }
  | { kind: "string"; value: string }
  | { kind: "bytes"; value: Uint8Array }
  | { kind: "list"; items: Value[] }
  | { kind: "map"; fields: [string, Value][] }
  /** What a newer server says, and this page does not know. */
  | { kind: "unknown"; type: string };

export type Kind = Exclude<Value["kind"], "unknown">;

/** The kinds that an argument can have, in the contract's order. */
export const kinds = [
  "bool",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "float",
  "double",
  "string",
  "bytes",
  "list",
  "map",
] as const satisfies readonly Kind[];

/** How many lists and maps may lie inside each other. */
export const maxDepth = 100;

/** Sorts a map's fields by their keys, as the server shows them. */
export function sorted(fields: readonly [string, Value][]): [string, Value][] {
  return [...fields].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
