import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { ValueType } from "../gen/taskscheduler/admin/v1/signature_pb";
import { visible } from "../text/visible";
import { type Coding, codings, recode } from "../value/bytes";
import { type Kind, kinds } from "../value/value";
import { blank, type Draft } from "./draft";
import { Items } from "./items";
import { Keys } from "./keys";
import { problem } from "./read";
import { typeText } from "./signature";

/** What every part of a form has. */
export interface FieldProps {
  name: string;
  type: ValueType;
  draft: Draft;
  change: (draft: Draft) => void;
  /** Say also what is wrong where nothing was typed yet. */
  strict: boolean;
  /** What stands beside the name, such as a button that takes it away. */
  beside?: ComponentChildren;
}

/** A field for a value of any type. */
export function Field(props: FieldProps) {
  const { draft, type } = props;
  const beside = (
    <>
      {type.kind === "any" ? (
        <KindChoice {...props} />
      ) : (
        <code class="entry-type">{typeText(type)}</code>
      )}
      {props.beside}
    </>
  );
  switch (draft.kind) {
    case "list":
      return <Items {...props} beside={beside} />;
    case "map":
      return <Keys {...props} beside={beside} />;
    default:
      return <Scalar {...props} beside={beside} />;
  }
}

/** Where anything goes, the reader says what it is to be. */
function KindChoice({ name, draft, type, change }: FieldProps) {
  return (
    <select
      aria-label={`Type of ${name}`}
      value={draft.kind}
      onChange={(event) => {
        const kind = event.currentTarget.value as Kind;
        change({ ...blank(type, kind), key: draft.key, text: draft.text, flag: draft.flag });
      }}
    >
      {kinds.map((k) => (
        <option key={k} value={k}>
          {k}
        </option>
      ))}
    </select>
  );
}

function Scalar({ name, draft, change, strict, beside }: FieldProps) {
  const id = useId();
  const [left, setLeft] = useState(false);
  const wrong = (draft.text !== "" && left) || strict ? problem(draft) : "";
  const described = wrong === "" ? undefined : `${id}-wrong`;
  return (
    <div class="entry">
      <div class="entry-head">
        <label for={id}>{visible(name)}</label>
        {beside}
      </div>
      {draft.kind === "bool" ? (
        <label class="check">
          <input
            id={id}
            type="checkbox"
            checked={draft.flag}
            onChange={(event) => change({ ...draft, flag: event.currentTarget.checked })}
          />
          {draft.flag ? "true" : "false"}
        </label>
      ) : (
        <TextInput
          id={id}
          draft={draft}
          change={change}
          invalid={wrong !== ""}
          described={described}
          // Not at once: what one clicks on meanwhile must not move away.
          leave={() => setTimeout(() => setLeft(true), 250)}
        />
      )}
      {wrong !== "" && (
        <p id={described} class="entry-wrong" role="alert">
          {wrong}
        </p>
      )}
    </div>
  );
}

function TextInput(props: {
  id: string;
  draft: Draft;
  change: (draft: Draft) => void;
  invalid: boolean;
  described: string | undefined;
  leave: () => void;
}) {
  const { id, draft, change } = props;
  const common = {
    id,
    value: draft.text,
    spellcheck: false,
    "aria-invalid": props.invalid,
    "aria-describedby": props.described,
    onBlur: props.leave,
  };
  if (draft.kind !== "string" && draft.kind !== "bytes") {
    return (
      <input
        {...common}
        class="mono"
        autocomplete="off"
        inputMode={draft.kind === "float" || draft.kind === "double" ? "text" : "numeric"}
        onInput={(event) => change({ ...draft, text: event.currentTarget.value })}
      />
    );
  }
  return (
    <div class="entry-text">
      <textarea
        {...common}
        class="mono"
        rows={Math.min(12, draft.text.split("\n").length)}
        onInput={(event) => change({ ...draft, text: event.currentTarget.value })}
      />
      {draft.kind === "bytes" && <CodingChoice draft={draft} change={change} />}
    </div>
  );
}

function CodingChoice({ draft, change }: { draft: Draft; change: (draft: Draft) => void }) {
  const set = (coding: Coding) =>
    change({ ...draft, coding, text: recode(draft.text, draft.coding, coding) });
  return (
    <span class="choice">
      {codings.map((c) => (
        <button
          key={c}
          type="button"
          aria-pressed={c === draft.coding}
          title={`The bytes are written as ${c}`}
          onClick={() => set(c)}
        >
          {c}
        </button>
      ))}
    </span>
  );
}
