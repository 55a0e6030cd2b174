import { signal } from "@preact/signals";

/** The reader's clock, in Unix milliseconds, once a second: for "12 s ago". */
export const now = signal(Date.now());

if (typeof document !== "undefined") {
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now();
  }, 1000);
}
