import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";

/** An execution's place in the order of the list: newest first, as the server has it. */
export function compare(a: Execution, b: Execution): number {
  const x = a.submittedAt;
  const y = b.submittedAt;
  if (x && y && x.seconds !== y.seconds) return x.seconds < y.seconds ? 1 : -1;
  if (x && y && x.nanos !== y.nanos) return y.nanos - x.nanos;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

/** What tells an execution from others: an id may have been used before. */
export function keyOf(x: Execution): string {
  return `${x.submittedAt?.seconds}.${x.submittedAt?.nanos} ${x.id}`;
}

/**
 * Merges executions into a list, both newest first; what was there is replaced by
 * what came. What came and would stand behind the list's end is left out while there
 * are pages to come, which will have it.
 */
export function merge(
  list: readonly Execution[],
  came: readonly Execution[],
  complete: boolean,
): Execution[] {
  const merged: Execution[] = [];
  let i = 0;
  for (const x of came) {
    for (; i < list.length; i++) {
      const old = list[i];
      if (!old || compare(old, x) >= 0) break;
      merged.push(old);
    }
    const old = list[i];
    if (old && compare(old, x) === 0) i++;
    else if (!old && !complete && list.length > 0) break;
    merged.push(x);
  }
  for (; i < list.length; i++) {
    const old = list[i];
    if (old) merged.push(old);
  }
  return merged;
}

/** Splits what came into news of those that the list has, and newer ones than its first. */
export function split(
  list: readonly Execution[],
  came: readonly Execution[],
): { known: Execution[]; newer: Execution[] } {
  const first = list[0];
  if (!first) return { known: [], newer: [...came] };
  const newer = came.filter((x) => compare(x, first) < 0);
  return { known: came.filter((x) => compare(x, first) >= 0), newer };
}

/** Puts what came by a stream in order, the last word on each. */
export function ordered(came: readonly Execution[]): Execution[] {
  const last = new Map(came.map((x) => [keyOf(x), x]));
  return [...last.values()].sort(compare);
}
