import type { ValueType } from "../gen/taskscheduler/admin/v1/signature_pb";
import { decimalText, readDecimal, readWhole } from "../value/number";
import type { Value } from "../value/value";
import { anything } from "./draft";
import { Misfit, within } from "./read";

/** A value as a type asks for it: numbers of other kinds become the kind that holds them exactly. */
export function conform(value: Value, type: ValueType): Value {
  if (type.kind === "any") return value;
  const same = value.kind === type.kind ? value : converted(value, type.kind);
  if (same.kind === "list") {
    const of = type.item ?? anything;
    return {
      kind: "list",
      items: same.items.map((item, i) => within(`item ${i + 1}`, () => conform(item, of))),
    };
  }
  if (same.kind !== "map") return same;
  return type.exact ? fitExact(same.fields, type) : fitEach(same.fields, type.item ?? anything);
}

function fitEach(fields: [string, Value][], of: ValueType): Value {
  return {
    kind: "map",
    fields: fields.map(([name, v]) => [
      name,
      within(`key ${JSON.stringify(name)}`, () => conform(v, of)),
    ]),
  };
}

function fitExact(fields: [string, Value][], type: ValueType): Value {
  const known = new Map(type.fields.map((f) => [f.name, f]));
  const found = new Set(fields.map(([name]) => name));
  const missing = type.fields.find((f) => !f.optional && !found.has(f.name));
  if (missing) throw new Misfit(`has no key ${JSON.stringify(missing.name)}`);
  return {
    kind: "map",
    fields: fields.map(([name, v]) => {
      const field = known.get(name);
      const key = JSON.stringify(name);
      if (!field) throw new Misfit(`has the key ${key}, which is not one of its fields`);
      return [name, within(`key ${key}`, () => conform(v, field.type ?? anything))];
    }),
  };
}

function converted(value: Value, kind: string): Value {
  const wrong = new Misfit(`is a ${value.kind}, want ${kind}`);
  switch (value.kind) {
    case "int32":
    case "int64":
    case "uint32":
    case "uint64":
    case "float":
    case "double":
      return number(value, kind, wrong);
    default:
      throw wrong;
  }
}

type Numeric = Extract<Value, { value: number | bigint }>;

function number(value: Numeric, kind: string, wrong: Misfit): Value {
  try {
    switch (kind) {
      case "int32":
      case "int64":
      case "uint32":
      case "uint64": {
        const n = typeof value.value === "bigint" ? value.value : BigInt(value.value);
        return readWhole(String(n), kind);
      }
      case "float":
      case "double": {
        const n = Number(value.value);
        const held = readDecimal(decimalText(n, "double"), kind);
        if (held.kind === kind && (Object.is(held.value, n) || held.value === n)) {
          if (typeof value.value !== "bigint" || BigInt(n) === value.value) return held;
        }
        throw wrong;
      }
      default:
        throw wrong;
    }
  } catch (error) {
    throw error instanceof Misfit ? error : new Misfit(`${String(value.value)} is no ${kind}`);
  }
}
