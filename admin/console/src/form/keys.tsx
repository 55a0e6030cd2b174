import { visible } from "../text/visible";
import { anything, blank, type Draft, type Field as MapField } from "./draft";
import { Field, type FieldProps } from "./field";
import { problem } from "./read";

/** A map: the fields that its type has, or keys of the reader's own. */
export function Keys(props: FieldProps) {
  const { name, draft, type, change, beside } = props;
  const set = (fields: readonly MapField[]) => change({ ...draft, fields });
  const wrong = problem(draft);
  const Row = type.exact ? Known : Free;
  return (
    <fieldset class="entry group">
      <legend>{visible(name)}</legend>
      <div class="entry-head">
        {draft.fields.length === 0 && <span class="none">no keys yet</span>}
        {beside}
      </div>
      {draft.fields.map((f, i) => (
        <Row
          key={f.draft.key}
          props={props}
          index={i}
          field={f}
          set={(next) => set(next ? draft.fields.with(i, next) : draft.fields.toSpliced(i, 1))}
        />
      ))}
      {wrong !== "" && (
        <p class="entry-wrong" role="alert">
          {wrong}
        </p>
      )}
      {!type.exact && (
        <button
          type="button"
          class="add"
          onClick={() => {
            const next = blank(type.item ?? anything, draft.fields.at(-1)?.draft.kind);
            set([...draft.fields, { name: "", draft: next, given: true }]);
          }}
        >
          Add a key
        </button>
      )}
    </fieldset>
  );
}

interface RowProps {
  props: FieldProps;
  index: number;
  field: MapField;
  /** Puts another in its place; undefined takes it away. */
  set: (field: MapField | undefined) => void;
}

/** A field that the signature names; an optional one is given or left out. */
function Known({ props, index, field, set }: RowProps) {
  const known = props.type.fields[index];
  const type = known?.type ?? anything;
  const draft = (d: Draft) => set({ ...field, draft: d });
  const choice = known?.optional && (
    <label class="check">
      <input
        type="checkbox"
        checked={field.given}
        aria-label={`Give ${field.name}`}
        onChange={(event) => set({ ...field, given: event.currentTarget.checked })}
      />
      given
    </label>
  );
  if (!field.given) {
    return (
      <div class="entry">
        <div class="entry-head">
          <span>{visible(field.name)}</span>
          <span class="none">left out</span>
          {choice}
        </div>
      </div>
    );
  }
  return (
    <Field
      name={field.name}
      type={type}
      draft={field.draft}
      strict={props.strict}
      change={draft}
      beside={choice}
    />
  );
}

/** A key that the reader has made up. */
function Free({ props, index, field, set }: RowProps) {
  return (
    <div class="pair">
      <label>
        key {index + 1}
        <input
          class="mono"
          value={field.name}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => set({ ...field, name: event.currentTarget.value })}
        />
      </label>
      <Field
        name="value"
        type={props.type.item ?? anything}
        draft={field.draft}
        strict={props.strict}
        change={(draft) => set({ ...field, draft })}
        beside={
          <button
            type="button"
            class="quiet"
            aria-label={`Remove key ${index + 1} of ${props.name}`}
            onClick={() => set(undefined)}
          >
            Remove
          </button>
        }
      />
    </div>
  );
}
