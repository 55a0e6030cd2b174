import type { ValueType } from "../gen/taskscheduler/admin/v1/signature_pb";
import { readBytes } from "../value/bytes";
import { readDecimal, readWhole } from "../value/number";
import { sorted, type Value } from "../value/value";
import { anything, type Draft } from "./draft";

/** Says where in an argument something is wrong: "item 3: want a whole number". */
export class Misfit extends Error {
  inside(where: string): Misfit {
    return new Misfit(`${where}: ${this.message}`);
  }
}

/** The value that has been typed; a Misfit says what is wrong with it. */
export function read(draft: Draft, type: ValueType): Value {
  switch (draft.kind) {
    case "list": {
      const item = type.item ?? anything;
      return {
        kind: "list",
        items: draft.items.map((d, i) => within(`item ${i + 1}`, () => read(d, item))),
      };
    }
    case "map":
      return { kind: "map", fields: readFields(draft, type) };
    default:
      return readScalar(draft);
  }
}

/** What is wrong with a draft itself, not with what is in it; empty: nothing. */
export function problem(draft: Draft): string {
  try {
    if (draft.kind !== "list" && draft.kind !== "map") readScalar(draft);
    else if (draft.kind === "map") twice(draft);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readScalar(draft: Draft): Value {
  try {
    switch (draft.kind) {
      case "bool":
        return { kind: "bool", value: draft.flag };
      case "int32":
      case "int64":
      case "uint32":
      case "uint64":
        return readWhole(draft.text, draft.kind);
      case "float":
      case "double":
        return readDecimal(draft.text, draft.kind);
      case "bytes":
        return { kind: "bytes", value: readBytes(draft.text, draft.coding) };
      case "null":
        throw new Error("null can't be sent: leave it out");
      default:
        return { kind: "string", value: draft.text.toWellFormed() };
    }
  } catch (error) {
    throw new Misfit(error instanceof Error ? error.message : String(error));
  }
}

function readFields(draft: Draft, type: ValueType): [string, Value][] {
  twice(draft);
  return sorted(
    draft.fields.flatMap((f, i): [string, Value][] => {
      if (!f.given) return [];
      const of = (type.exact ? type.fields[i]?.type : type.item) ?? anything;
      return [[f.name, within(`key ${JSON.stringify(f.name)}`, () => read(f.draft, of))]];
    }),
  );
}

function twice(draft: Draft): void {
  const seen = new Set<string>();
  for (const f of draft.fields) {
    if (seen.has(f.name)) throw new Misfit(`the key ${JSON.stringify(f.name)} comes twice`);
    seen.add(f.name);
  }
}

/** Does something; what is wrong there is told with where it is. */
export function within<T>(where: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof Misfit ? error.inside(where) : error;
  }
}
