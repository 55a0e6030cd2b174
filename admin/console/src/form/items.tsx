import { visible } from "../text/visible";
import { anything, blank, type Draft } from "./draft";
import { Field, type FieldProps } from "./field";

/** A list: its items, each of which can be taken away, and another one. */
export function Items({ name, draft, type, change, strict, beside }: FieldProps) {
  const item = type.item ?? anything;
  const set = (items: readonly Draft[]) => change({ ...draft, items });
  return (
    <fieldset class="entry group">
      <legend>{visible(name)}</legend>
      <div class="entry-head">
        {draft.items.length === 0 && <span class="none">no items yet</span>}
        {beside}
      </div>
      {draft.items.map((d, i) => (
        <Field
          key={d.key}
          name={`item ${i + 1}`}
          type={item}
          draft={d}
          strict={strict}
          change={(next) => set(draft.items.with(i, next))}
          beside={
            <button
              type="button"
              class="quiet"
              aria-label={`Remove item ${i + 1} of ${name}`}
              onClick={() => set(draft.items.toSpliced(i, 1))}
            >
              Remove
            </button>
          }
        />
      ))}
      <button
        type="button"
        class="add"
        onClick={() => set([...draft.items, blank(item, draft.items.at(-1)?.kind)])}
      >
        Add an item
      </button>
    </fieldset>
  );
}
