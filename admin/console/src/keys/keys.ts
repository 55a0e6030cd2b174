import { signal } from "@preact/signals";

/** Keys, as they are typed one after another, and what they do. */
export interface Binding {
  keys: string;
  does: string;
  run: () => void;
}

const bindings = signal<readonly Binding[]>([]);

/** All bindings of now, for the help. */
export const bound = bindings;

/** Adds bindings; returns what takes them away again. */
export function bind(added: readonly Binding[]): () => void {
  bindings.value = [...bindings.value, ...added];
  return () => {
    bindings.value = bindings.value.filter((b) => !added.includes(b));
  };
}

const patience = 1200; // ms between two keys of one binding

/** Hears the keyboard, for as long as the page is there. */
export function hearKeys(): void {
  let typed = "";
  let last = 0;
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (writing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key.length !== 1) return;
    typed = event.timeStamp - last < patience ? `${typed} ${event.key}`.trim() : event.key;
    last = event.timeStamp;
    const found = match(typed, bindings.value);
    if (found === undefined) {
      typed = "";
    } else if (found !== "begun") {
      typed = "";
      event.preventDefault();
      found.run();
    }
  });
}

/** What the keys typed so far mean: a binding, the beginning of one, or nothing. */
export function match(typed: string, among: readonly Binding[]): Binding | "begun" | undefined {
  const exact = among.find((b) => b.keys === typed);
  if (exact) return exact;
  if (among.some((b) => b.keys.startsWith(`${typed} `))) return "begun";
  const newest = typed.split(" ").pop() ?? "";
  return newest === typed ? undefined : match(newest, among);
}

function writing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select"))
  );
}
