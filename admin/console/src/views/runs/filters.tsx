import { Code } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { ExecutionState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { codeText } from "../../text/code";
import { readWhen } from "../../text/when";
import { states, stateWord } from "../../text/words";
import { Field } from "../../ui/field";
import { chooseAll, type Filter, readCodes, readLabels, writeLabels } from "./filter";

const codes = Object.values(Code)
  .filter((c) => typeof c === "number")
  .map(codeText);

const notATime = (text: string) =>
  readWhen(text, Date.now())
    ? undefined
    : "Such as 10m, 2026-01-02, 2026-01-02 15:04 or 2026-01-02T15:04:05Z.";

const notACode = (text: string) => {
  const unknown = readCodes(text).find((c) => !codes.includes(c));
  return unknown && `${unknown} is no code; such as INVALID_ARGUMENT.`;
};

type Name = "plugin" | "code" | "label" | "node" | "caller" | "since";

const every: readonly Name[] = ["plugin", "code", "label", "node", "caller", "since"];

/** What one can choose runs by; each choice is in the address at once. */
export function Filters(props: {
  filter: Filter;
  set: (f: Filter) => void;
  /** Where all are shown. */
  place?: string;
  /** The states that there are to choose from. */
  among?: readonly ExecutionState[];
  /** The latest come first, so "until" is the way to a time further back: always in sight. */
  jump?: boolean;
  /** What else there is. */
  names?: readonly Name[];
}) {
  const { filter, set, place = "/runs", among = states, jump = true, names = every } = props;
  const [more, setMore] = useState(() => hasMore(jump ? { ...filter, until: "" } : filter));
  const tasks = useCall((signal) => admin.listTasks({}, { signal }));
  const methods = tasks.data?.tasks.map((t) => t.name) ?? [];
  const plugins = [...new Set(tasks.data?.tasks.map((t) => t.plugin).filter(Boolean))];
  const text = (name: "method" | "plugin" | "node" | "caller" | "id" | "since" | "until") => ({
    label: name,
    value: filter[name],
    set: (value: string) => set({ ...filter, [name]: value }),
  });
  return (
    <form class="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      {among.length > 0 && (
        <fieldset class="toggles">
          <legend>state</legend>
          {among.map((s) => (
            <button
              key={s}
              type="button"
              aria-pressed={filter.states.includes(s)}
              onClick={() => set({ ...filter, states: toggle(filter.states, s) })}
            >
              {stateWord(s)}
            </button>
          ))}
        </fieldset>
      )}
      <Field {...text("method")} choices={methods} />
      <Field {...text("id")} placeholder="what it begins with" />
      {jump && <Field {...text("until")} placeholder="jump: 10m, or a time" wrong={notATime} />}
      {more && (
        <>
          {names.includes("plugin") && <Field {...text("plugin")} choices={plugins} />}
          {names.includes("code") && (
            <Field
              label="code"
              value={filter.codes.join(", ")}
              set={(value) => set({ ...filter, codes: readCodes(value) })}
              wrong={notACode}
              choices={codes}
            />
          )}
          {names.includes("label") && (
            <Field
              label="label"
              value={writeLabels(filter.labels)}
              set={(value) => set({ ...filter, labels: readLabels(value) })}
              wrong={(value) => (writeLabels(readLabels(value)) ? undefined : "Such as team=a.")}
              placeholder="key=value"
            />
          )}
          {names.includes("node") && <Field {...text("node")} />}
          {names.includes("caller") && <Field {...text("caller")} />}
          {names.includes("since") && (
            <Field {...text("since")} placeholder="10m, or a time" wrong={notATime} />
          )}
          {!jump && <Field {...text("until")} placeholder="a time" wrong={notATime} />}
        </>
      )}
      <div class="actions">
        <button type="button" class="quiet" aria-expanded={more} onClick={() => setMore(!more)}>
          {more ? "Fewer filters" : "More filters"}
        </button>
        {!chooseAll(filter) && (
          <a class="button" href={place}>
            Show all
          </a>
        )}
      </div>
    </form>
  );
}

function toggle<T>(list: readonly T[], item: T): T[] {
  return list.includes(item) ? list.filter((x) => x !== item) : [...list, item];
}

function hasMore(f: Filter): boolean {
  return !chooseAll({ ...f, states: [], method: "", id: "" });
}
