import type { ExecutionState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { states, stateWord } from "../../text/words";

/** Which runs a reader wants to see; what is empty chooses all. */
export interface Filter {
  states: ExecutionState[];
  method: string;
  plugin: string;
  labels: [string, string][];
  codes: string[];
  node: string;
  caller: string;
  id: string;
  retryOf: string;
  /** As it was typed: how long ago, such as 10m, or a time. */
  since: string;
  until: string;
}

/** The filter that an address has. The names are those of the command line's flags. */
export function readFilter(query: URLSearchParams): Filter {
  const one = (name: string) => query.get(name)?.trim() ?? "";
  const words = query.getAll("state").flatMap((s) => s.split(",").map((w) => w.trim()));
  return {
    states: states.filter((s) => words.includes(stateWord(s))),
    method: one("method"),
    plugin: one("plugin"),
    labels: query.getAll("label").flatMap(readLabels),
    codes: readCodes(query.getAll("code").join(",")),
    node: one("node"),
    caller: one("caller"),
    id: one("id"),
    retryOf: one("retry-of"),
    since: one("since"),
    until: one("until"),
  };
}

/** The query of a filter; the same filter always has the same one. */
export function writeFilter(f: Filter): URLSearchParams {
  const query = new URLSearchParams();
  if (f.states.length > 0) query.set("state", f.states.map(stateWord).join(","));
  for (const name of ["method", "plugin"] as const) if (f[name]) query.set(name, f[name]);
  for (const [key, value] of f.labels) query.append("label", `${key}=${value}`);
  if (f.codes.length > 0) query.set("code", f.codes.join(","));
  for (const name of ["node", "caller", "id"] as const) if (f[name]) query.set(name, f[name]);
  if (f.retryOf) query.set("retry-of", f.retryOf);
  for (const name of ["since", "until"] as const) if (f[name]) query.set(name, f[name]);
  return query;
}

/** Reads "key=value", and several with commas; what is none is left out. */
export function readLabels(text: string): [string, string][] {
  return text.split(/,\s*(?=[^=,]+=)/).flatMap((part): [string, string][] => {
    const at = part.indexOf("=");
    return at > 0 ? [[part.slice(0, at).trim(), part.slice(at + 1)]] : [];
  });
}

/** Labels as a reader types them. */
export function writeLabels(labels: readonly [string, string][]): string {
  return labels.map(([key, value]) => `${key}=${value}`).join(", ");
}

/** Reads codes such as "INVALID_ARGUMENT, not-found", as the command line does. */
export function readCodes(text: string): string[] {
  const words = text.split(",").map((w) => w.trim().toUpperCase().replaceAll("-", "_"));
  return [...new Set(words.filter(Boolean))];
}

/** Tells whether a filter chooses all. */
export function chooseAll(f: Filter): boolean {
  return writeFilter(f).size === 0;
}
