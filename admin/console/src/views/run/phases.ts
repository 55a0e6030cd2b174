import type { GetExecutionResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { ExecutionState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { milliseconds } from "../../text/moment";
import { ended } from "../../text/words";

/** A part of a run's life: it waited, ran, or waited to run again. */
export interface Phase {
  what: "waited" | "ran" | "backed off";
  /** Which attempt it is, or the one that it comes after; from 1. */
  attempt: number;
  /** Unix milliseconds, to the microsecond. */
  from: number;
  to: number;
  /** It is not over. */
  open: boolean;
}

/** The parts of a run's life that are known, in their order. */
export function phases(details: GetExecutionResponse, now: number): Phase[] {
  const found: Phase[] = [];
  let attempt = 0;
  const changes = changesOf(details);
  for (const [i, change] of changes.entries()) {
    if (ended(change.state)) break;
    if (change.state === ExecutionState.RUNNING) attempt = numberOf(details, change) ?? attempt + 1;
    const next = changes[i + 1];
    if (change.at === undefined || (next && next.at === undefined)) continue;
    found.push({
      what:
        change.state === ExecutionState.RUNNING ? "ran" : attempt === 0 ? "waited" : "backed off",
      attempt: Math.max(attempt, 1),
      from: change.at,
      to: next?.at ?? Math.max(now, change.at),
      open: !next,
    });
  }
  return found;
}

interface Change {
  state: ExecutionState;
  at: number | undefined;
}

// Of very many changes some are left out, so that counting isn't enough.
function numberOf({ attempts }: GetExecutionResponse, change: Change): number | undefined {
  return attempts.find((a) => precise(a.startedAt) === change.at)?.number;
}

// Of a run that said nothing no changes are kept; the execution itself has three times.
function changesOf({ states, execution: x }: GetExecutionResponse): Change[] {
  if (states.length > 0) return states.map((s) => ({ state: s.state, at: precise(s.time) }));
  if (!x) return [];
  const changes: Change[] = [{ state: ExecutionState.PENDING, at: precise(x.submittedAt) }];
  if (x.startedAt) changes.push({ state: ExecutionState.RUNNING, at: precise(x.startedAt) });
  if (ended(x.state)) changes.push({ state: x.state, at: precise(x.endedAt) });
  return changes;
}

function precise(t: Parameters<typeof milliseconds>[0] | undefined): number | undefined {
  return t && milliseconds(t) + (t.nanos % 1e6) / 1e6;
}
