import { signal } from "@preact/signals";

/**
 * Whether the page has been out of sight for a while. A browser allows six
 * connections to a server that speaks HTTP/1.1, which all of its tabs share: so a
 * page that nobody sees lets go of its streams, and takes them up when it is seen.
 */
export const asleep = signal(false);

const patience = 20_000; // ms

if (typeof document !== "undefined") {
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.visibilityState === "visible") asleep.value = false;
    else
      timer = setTimeout(() => {
        asleep.value = true;
      }, patience);
  });
}
