import { create } from "@bufbuild/protobuf";
import {
  type Parameter,
  type Signature,
  SignatureSchema,
} from "../gen/taskscheduler/admin/v1/signature_pb";
import { plural } from "../text/number";
import { readJSON } from "../value/json";
import type { Value } from "../value/value";
import { json } from "../value/word";
import { conform } from "./conform";
import { anything, blank, type Draft, draftOf } from "./draft";
import { Misfit, read, within } from "./read";

/** A task's arguments that are being typed, for each of its parameters. */
export type Arguments = readonly Given[];

/** What a parameter gets: one value, none, or as many as one likes. */
export interface Given {
  readonly parameter: Parameter;
  readonly drafts: readonly Draft[];
}

/** The signature of a task that says nothing of its arguments: any number of anything. */
export const unknown: Signature = create(SignatureSchema, {
  parameters: [{ name: "arguments", type: anything, variadic: true }],
});

/** The arguments that one starts with: those that there must be. */
export function blankArguments(signature: Signature): Arguments {
  return signature.parameters.map((parameter) => ({
    parameter,
    drafts: parameter.optional || parameter.variadic ? [] : [blank(parameter.type ?? anything)],
  }));
}

/** What a parameter is called: its name, or which one it is. */
export function parameterName(p: Parameter, index: number): string {
  return p.name || `argument ${index + 1}`;
}

/** The values that have been typed; a Misfit names the argument that is wrong. */
export function readArguments(given: Arguments): Value[] {
  const values: Value[] = [];
  given.forEach(({ parameter, drafts }, i) => {
    const left = given.slice(i + 1).some((g) => g.drafts.length > 0);
    if (parameter.optional && drafts.length === 0 && left) {
      throw new Misfit(`${parameterName(parameter, i)}: give it, or leave out those behind it`);
    }
    for (const [n, draft] of drafts.entries()) {
      const name = parameterName(parameter, i) + (parameter.variadic ? ` ${n + 1}` : "");
      values.push(within(name, () => read(draft, parameter.type ?? anything)));
    }
  });
  return values;
}

/** Values as the JSON list that is typed instead of a form. */
export function argumentsText(values: readonly Value[]): string {
  return json({ kind: "list", items: [...values] }, "", "  ");
}

/** Reads a JSON list of arguments and holds it against the signature. */
export function readArgumentsText(text: string, signature: Signature): Value[] {
  const list = readJSON(text);
  if (list.kind !== "list") throw new Misfit("want a JSON list of the arguments, such as [1, 2]");
  const { parameters } = signature;
  const least = parameters.filter((p) => !p.optional && !p.variadic).length;
  const most = parameters.at(-1)?.variadic ? Number.POSITIVE_INFINITY : parameters.length;
  const n = list.items.length;
  if (n < least || n > most) throw new Misfit(`${countText(least, most)}, got ${n}`);
  return list.items.map((item, i) => {
    const parameter = parameters[Math.min(i, parameters.length - 1)];
    return within(`argument ${i + 1}`, () => conform(item, parameter?.type ?? anything));
  });
}

function countText(least: number, most: number): string {
  if (most === Number.POSITIVE_INFINITY) return `want at least ${plural(least, "argument")}`;
  return least < most ? `want ${least} to ${most} arguments` : `want ${plural(most, "argument")}`;
}

/** Values in the form's fields. */
export function fillArguments(values: readonly Value[], signature: Signature): Arguments {
  const left = [...values];
  return signature.parameters.map((parameter) => ({
    parameter,
    drafts: left
      .splice(0, parameter.variadic ? left.length : 1)
      .map((v) => draftOf(v, parameter.type ?? anything)),
  }));
}
