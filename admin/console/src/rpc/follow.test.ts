import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow } from "./follow";
import type { LineState } from "./lines";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("a stream that is cut off is opened again, and says so meanwhile", async () => {
  const abort = new AbortController();
  const told: LineState[] = [];
  const got: number[] = [];
  let opens = 0;
  const done = follow<number>(
    {
      async *open(_, opened) {
        opens++;
        if (opens === 2) throw new ConnectError("gone", Code.Unavailable);
        opened();
        yield opens;
        if (opens === 3) abort.abort();
      },
      take: (n) => got.push(n),
    },
    abort.signal,
    (state) => told.push(state),
  );
  await vi.runAllTimersAsync();
  await done;
  expect(got).toEqual([1, 3]);
  const cuts = told.filter((s) => s.retryAt > 0).map((s) => s.reason);
  expect(cuts).toEqual(["the server has ended the stream", "UNAVAILABLE: gone"]);
  expect(told.filter((s) => s.live)).toHaveLength(2);
});

test("a stream that is silent for too long is taken for dead", async () => {
  const abort = new AbortController();
  const reasons: string[] = [];
  const done = follow<number>(
    {
      async *open(signal, opened) {
        opened();
        yield 1;
        await new Promise((_, reject) => signal.addEventListener("abort", reject));
      },
      take: () => {},
      silence: 5000,
    },
    abort.signal,
    (state) => {
      if (state.reason === "") return;
      reasons.push(state.reason);
      abort.abort();
    },
  );
  await vi.advanceTimersByTimeAsync(4999);
  expect(reasons).toEqual([]);
  await vi.runAllTimersAsync();
  await done;
  expect(reasons).toEqual(["nothing has come for a while"]);
});

test("who isn't let in doesn't knock again", async () => {
  const told: LineState[] = [];
  await follow<number>(
    {
      // biome-ignore lint/correctness/useYield: it is refused before the first message
      async *open() {
        throw new ConnectError("no token", Code.Unauthenticated);
      },
      take: () => {},
    },
    new AbortController().signal,
    (state) => told.push(state),
  );
  expect(told.at(-1)?.retryAt).toBe(Number.POSITIVE_INFINITY);
});
