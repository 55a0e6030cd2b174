import type { Value } from "./value";

const bounds = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
} as const;

/** Kinds that are whole numbers. */
export type Whole = keyof typeof bounds;

/** Reads a whole number exactly; an error says what is wrong with it. */
export function readWhole(text: string, kind: Whole): Value {
  const typed = text.trim();
  if (!/^[+-]?\d+$/.test(typed)) throw new Error("want a whole number");
  const n = BigInt(typed.replace(/^\+/, ""));
  const [least, most] = bounds[kind];
  if (n < least || n > most) throw new Error(`want one from ${least} to ${most}`);
  return kind === "int64" || kind === "uint64" ? { kind, value: n } : { kind, value: Number(n) };
}

const special: Record<string, number> = {
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "+infinity": Number.POSITIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
  nan: Number.NaN,
};

/** Reads a number with a point, an exponent, or one of inf, -inf and nan. */
export function readDecimal(text: string, kind: "float" | "double"): Value {
  const typed = text.trim();
  const named = special[typed.toLowerCase()];
  if (named !== undefined) return { kind, value: named };
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed)) {
    throw new Error("want a number, inf, -inf or nan");
  }
  const value = kind === "float" ? Math.fround(Number(typed)) : Number(typed);
  if (!Number.isFinite(value)) throw new Error("out of range");
  return { kind, value };
}

/** A number with a point as the command line writes it: +Inf, -Inf, NaN, 1.5, 1e+21. */
export function decimalText(v: number, kind: "float" | "double"): string {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "+Inf" : "-Inf";
  if (Object.is(v, -0)) return "-0";
  return kind === "float" ? shortestFloat(v) : String(v);
}

// The fewest digits that are the same float: JavaScript knows doubles alone.
function shortestFloat(v: number): string {
  for (let digits = 1; digits < 10; digits++) {
    const text = String(Number(v.toPrecision(digits)));
    if (Math.fround(Number(text)) === v) return text;
  }
  return String(v);
}
