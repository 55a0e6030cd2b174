import { create } from "@bufbuild/protobuf";
import { type ValueType, ValueTypeSchema } from "../gen/taskscheduler/admin/v1/signature_pb";
import { base64Text, type Coding, utf8Text } from "../value/bytes";
import { decimalText } from "../value/number";
import { type Kind, kinds, type Value } from "../value/value";

/** A value that is being typed. It never changes: typing makes another one. */
export interface Draft {
  /** Tells it from its neighbours, for as long as it is there. */
  readonly key: number;
  /** What it will be; where the type is any, the reader chooses. */
  readonly kind: Kind;
  /** Of a number, a string or bytes: what was typed. */
  readonly text: string;
  readonly coding: Coding;
  readonly flag: boolean;
  readonly items: readonly Draft[];
  readonly fields: readonly Field[];
}

/** A field of a map that is being typed. */
export interface Field {
  readonly name: string;
  readonly draft: Draft;
  /** An optional one may be left out. */
  readonly given: boolean;
}

/** What may be anything. */
export const anything: ValueType = create(ValueTypeSchema, { kind: "any" });

let count = 0;

/** The start of a value of a type, or of any kind where the type lets one choose. */
export function blank(type: ValueType, kind?: Kind): Draft {
  const chosen = type.kind === "any" ? (kind ?? "string") : kindOf(type);
  return {
    key: ++count,
    kind: chosen,
    text: "",
    coding: "text",
    flag: false,
    items: [],
    fields: type.fields.map((f) => ({
      name: f.name,
      draft: blank(f.type ?? anything),
      given: !f.optional,
    })),
  };
}

/** A type's kind; one that a newer server knows is typed as any is. */
export function kindOf(type: ValueType): Kind {
  return [...kinds, "null" as const].find((k) => k === type.kind) ?? "string";
}

/** A draft that has a value in it already. */
export function draftOf(value: Value, type: ValueType): Draft {
  const start = blank(type, value.kind === "unknown" ? "string" : value.kind);
  switch (value.kind) {
    case "bool":
      return { ...start, flag: value.value };
    case "string":
      return { ...start, text: value.value };
    case "bytes": {
      const text = utf8Text(value.value);
      return text === undefined
        ? { ...start, coding: "base64", text: base64Text(value.value) }
        : { ...start, coding: "text", text };
    }
    case "float":
    case "double":
      return { ...start, text: decimalText(value.value, value.kind) };
    case "list":
      return { ...start, items: value.items.map((item) => draftOf(item, type.item ?? anything)) };
    case "map":
      return { ...start, fields: fieldsOf(new Map(value.fields), type, start) };
    case "null":
    case "unknown":
      return start;
    default:
      return { ...start, text: String(value.value) };
  }
}

function fieldsOf(values: Map<string, Value>, type: ValueType, start: Draft): Field[] {
  if (!type.exact) {
    return [...values].map(([name, v]) => ({
      name,
      draft: draftOf(v, type.item ?? anything),
      given: true,
    }));
  }
  return start.fields.map((f, i) => {
    const v = values.get(f.name);
    return v ? { ...f, given: true, draft: draftOf(v, type.fields[i]?.type ?? anything) } : f;
  });
}
