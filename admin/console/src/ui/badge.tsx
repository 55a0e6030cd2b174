import type { ExecutionState, PluginState } from "../gen/taskscheduler/admin/v1/admin_pb";
import { pluginStateWord, stateWord } from "../text/words";

/** How a state is to be taken; the word says it too, colour alone never does. */
export type Tone = "good" | "bad" | "warn" | "busy" | "calm";

/** A state's word with its colour. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

const stateTones: Record<string, Tone> = {
  pending: "calm",
  running: "busy",
  succeeded: "good",
  failed: "bad",
  cancelled: "warn",
};

/** Where an execution stands. */
export function StateBadge({
  state,
  overdue = false,
}: {
  state: ExecutionState;
  overdue?: boolean;
}) {
  const word = stateWord(state);
  return (
    <>
      <Badge tone={stateTones[word] ?? "calm"}>{word}</Badge>
      {overdue && <Badge tone="warn">overdue</Badge>}
    </>
  );
}

const pluginTones: Record<string, Tone> = {
  loading: "busy",
  serving: "good",
  restarting: "warn",
  quarantined: "bad",
  unloaded: "calm",
  failed: "bad",
};

/** Where a plugin stands. */
export function PluginBadge({ state }: { state: PluginState }) {
  const word = pluginStateWord(state);
  return <Badge tone={pluginTones[word] ?? "calm"}>{word}</Badge>;
}
