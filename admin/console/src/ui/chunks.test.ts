import { expect, test } from "vitest";
import { type Chunk, inChunks } from "./chunks";

/** So many things, of which the oldest can't be cancelled; `limits` is what each call was. */
function crowd(size: number, stuck = 0, silent: string[] = []) {
  let left = size;
  const limits: number[] = [];
  const act = async (limit: number): Promise<Chunk> => {
    limits.push(limit);
    const matched = Math.min(limit, left);
    const done = matched - Math.min(stuck, matched);
    left -= done;
    return { matched, done, reason: done < matched ? "it can't be" : "", unansweredNodes: silent };
  };
  return { act, limits };
}

const never = () => true;

test("what is done to many tells how far it is", async () => {
  const { act, limits } = crowd(500);
  const told: number[] = [];
  const tell = (n: number) => told.push(n) > 0;
  expect(await inChunks(500, "run", "cancelled", tell, act)).toBe("500 runs cancelled.");
  expect([limits, told]).toEqual([
    [200, 200, 100],
    [200, 400],
  ]);
});

test("it ends where there are no others, and does nothing to what comes meanwhile", async () => {
  const fewer = crowd(250);
  expect(await inChunks(500, "run", "cancelled", never, fewer.act)).toBe("250 runs cancelled.");
  expect(fewer.limits).toEqual([200, 200]);
  const more = crowd(500);
  expect(await inChunks(1, "run", "cancelled", never, more.act)).toBe("1 run cancelled.");
  expect(more.limits).toEqual([1]);
});

test("what can't be done doesn't keep the others from it", async () => {
  const { act, limits } = crowd(500, 10);
  const all = inChunks(500, "run", "cancelled", never, act);
  await expect(all).rejects.toThrow("490 runs cancelled, the others not: it can't be");
  expect(limits).toEqual([200, 310]);
  const some = inChunks(500, "run", "cancelled", never, crowd(500, 0, ["b"]).act);
  await expect(some).rejects.toThrow("500 runs cancelled. These nodes have not answered: b.");
});

test("it stops, and tells what is done when a call fails", async () => {
  const stopped = inChunks(500, "run", "cancelled", () => false, crowd(500).act);
  expect(await stopped).toBe("200 runs cancelled, the others left as they were.");
  let calls = 0;
  const failing = async (limit: number) => {
    if (++calls > 1) throw new Error("gone");
    return crowd(500).act(limit);
  };
  const partly = inChunks(500, "run", "cancelled", never, failing);
  await expect(partly).rejects.toThrow("200 runs cancelled, then: UNKNOWN: gone");
});
