import type { Signature, ValueType } from "../gen/taskscheduler/admin/v1/signature_pb";

/** A type as signatures have it: list<double>, {verbose: bool?}. */
export function typeText(t: ValueType | undefined): string {
  if (!t) return "any";
  if (t.exact) {
    const fields = t.fields.map((f) => `${f.name}: ${typeText(f.type)}${f.optional ? "?" : ""}`);
    return `{${fields.join(", ")}}`;
  }
  return t.item ? `${t.kind}<${typeText(t.item)}>` : t.kind;
}

/** Tells whether two signatures ask for the same: then what was typed for one fits the other. */
export function sameParameters(a: Signature | undefined, b: Signature | undefined): boolean {
  const text = (s: Signature | undefined) =>
    s?.parameters.map((p) => [p.name, typeText(p.type), p.optional, p.variadic]);
  return JSON.stringify(text(a)) === JSON.stringify(text(b));
}
