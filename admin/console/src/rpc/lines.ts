import type { ConnectError } from "@connectrpc/connect";
import { computed, signal } from "@preact/signals";

/** How a stream stands: live, or cut off since a time and tried again at another. */
export interface LineState {
  live: boolean;
  /** Unix milliseconds since which nothing comes; while it first connects, its start. */
  since: number;
  /** When it is tried again; 0 while it is being tried. */
  retryAt: number;
  /** Why it was cut; empty before the first failure. */
  reason: string;
  /** The same as the server said it, if it was the server. */
  error?: ConnectError | undefined;
}

const open = signal<ReadonlyMap<symbol, LineState>>(new Map());

/** Says how one of the page's streams stands; undefined when it is closed for good. */
export function report(line: symbol, state: LineState | undefined): void {
  const next = new Map(open.value);
  if (state) next.set(line, state);
  else next.delete(line);
  open.value = next;
}

/** The worst of the page's streams, which is what the header tells; undefined: there is none. */
export const worst = computed<LineState | undefined>(() => {
  let found: LineState | undefined;
  for (const state of open.value.values()) {
    if (!found || (found.live && !state.live) || (!state.live && state.since < found.since)) {
      found = state;
    }
  }
  return found;
});
