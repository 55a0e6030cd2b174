import { Code, ConnectError } from "@connectrpc/connect";
import { errorText } from "../text/code";
import { pause } from "./backoff";
import type { LineState } from "./lines";

/** A stream to follow. */
export interface Source<T> {
  /** Opens it; `opened` is to be called once the server has answered. */
  open: (signal: AbortSignal, opened: () => void) => AsyncIterable<T>;
  /** Takes each message. */
  take: (message: T) => void;
  /** Called each time that it is open: what was missed before is asked for here. */
  opened?: (() => void) | undefined;
  /** It is taken for dead after so many milliseconds without a message; 0: never. */
  silence?: number | undefined;
  /** Tells whether a stream that has ended without an error was all; if not, it is opened again. */
  over?: (() => boolean) | undefined;
}

const final = [Code.Unauthenticated, Code.PermissionDenied, Code.Unimplemented, Code.NotFound];

/** Follows a source until the signal is aborted, connecting again whenever it is cut off. */
export async function follow<T>(
  source: Source<T>,
  signal: AbortSignal,
  tell: (state: LineState) => void,
): Promise<void> {
  let tries = 0;
  let since = Date.now();
  while (!signal.aborted) {
    tell({ live: false, since, retryAt: 0, reason: "" });
    const attempt = new Attempt(signal, source.silence ?? 0);
    let reason = "the server has ended the stream";
    let failure: ConnectError | undefined;
    try {
      const opened = () => {
        if (attempt.live) return;
        attempt.live = true;
        tries = 0;
        tell({ live: true, since: Date.now(), retryAt: 0, reason: "" });
        source.opened?.();
      };
      for await (const message of source.open(attempt.signal, opened)) {
        opened();
        attempt.heard();
        source.take(message);
      }
      if (source.over?.()) {
        attempt.end();
        tell({ live: true, since, retryAt: 0, reason: "" });
        return;
      }
    } catch (error) {
      if (!attempt.silent) failure = ConnectError.from(error);
      reason = attempt.silent ? "nothing has come for a while" : errorText(error);
    }
    attempt.end();
    if (signal.aborted) return;
    if (attempt.live) since = Date.now();
    // Another try won't help here; who signs in opens the stream anew.
    if (failure && final.includes(failure.code)) {
      tell({ live: false, since, retryAt: Number.POSITIVE_INFINITY, reason, error: failure });
      return;
    }
    const wait = pause(++tries);
    tell({ live: false, since, retryAt: Date.now() + wait, reason, error: failure });
    await sleep(wait, signal);
  }
}

/** One connection: it ends with its follower, or when it has been silent for too long. */
class Attempt {
  live = false;
  silent = false;
  private readonly abort = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly outer: AbortSignal,
    private readonly silence: number,
  ) {
    outer.addEventListener("abort", this.end);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  heard(): void {
    if (this.silence === 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.silent = true;
      this.abort.abort();
    }, this.silence);
  }

  readonly end = (): void => {
    clearTimeout(this.timer);
    this.outer.removeEventListener("abort", this.end);
    this.abort.abort();
  };
}

/** Waits, less long when the network or the reader comes back. */
function sleep(wait: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(done, wait);
    signal.addEventListener("abort", done, { signal: over.signal });
    if (typeof document === "undefined") return;
    addEventListener("online", done, { signal: over.signal });
    document.addEventListener("visibilitychange", done, { signal: over.signal });
  });
}
