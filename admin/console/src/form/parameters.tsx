import { visible } from "../text/visible";
import { type Arguments, type Given, parameterName } from "./arguments";
import { anything, blank, type Draft } from "./draft";
import { Field } from "./field";
import { typeText } from "./signature";

/** The fields for a task's arguments, by its parameters. */
export function Parameters(props: {
  given: Arguments;
  change: (given: Arguments) => void;
  strict: boolean;
}) {
  if (props.given.length === 0) return <p class="none">It takes no arguments.</p>;
  return (
    <>
      {props.given.map((g, i) => {
        const Shape = g.parameter.variadic ? Rest : g.parameter.optional ? Optional : Required;
        return (
          <Shape
            key={i}
            given={g}
            name={parameterName(g.parameter, i)}
            strict={props.strict}
            set={(drafts) => props.change(props.given.with(i, { ...g, drafts }))}
          />
        );
      })}
    </>
  );
}

interface ShapeProps {
  given: Given;
  name: string;
  strict: boolean;
  set: (drafts: readonly Draft[]) => void;
}

function Required({ given, name, strict, set }: ShapeProps) {
  const [draft] = given.drafts;
  if (!draft) return null;
  return (
    <Field
      name={name}
      type={given.parameter.type ?? anything}
      draft={draft}
      strict={strict}
      change={(next) => set([next])}
    />
  );
}

/** An argument that may be left out. */
function Optional({ given, name, strict, set }: ShapeProps) {
  const type = given.parameter.type ?? anything;
  const [draft] = given.drafts;
  const choice = (
    <label class="check">
      <input
        type="checkbox"
        checked={draft !== undefined}
        aria-label={`Give ${name}`}
        onChange={(event) => set(event.currentTarget.checked ? [blank(type)] : [])}
      />
      given
    </label>
  );
  if (draft) {
    return (
      <Field
        name={name}
        type={type}
        draft={draft}
        strict={strict}
        change={(next) => set([next])}
        beside={choice}
      />
    );
  }
  return (
    <div class="entry">
      <div class="entry-head">
        <span>{visible(name)}</span>
        <code class="entry-type">{typeText(type)}</code>
        <span class="none">left out</span>
        {choice}
      </div>
    </div>
  );
}

/** The last parameter, which takes as many arguments as one gives. */
function Rest({ given, name, strict, set }: ShapeProps) {
  const type = given.parameter.type ?? anything;
  return (
    <fieldset class="entry group">
      <legend>{visible(name)}</legend>
      <div class="entry-head">
        <code class="entry-type">{typeText(type)}...</code>
        {given.drafts.length === 0 && <span class="none">none given</span>}
      </div>
      {given.drafts.map((d, i) => (
        <Field
          key={d.key}
          name={`${name} ${i + 1}`}
          type={type}
          draft={d}
          strict={strict}
          change={(next) => set(given.drafts.with(i, next))}
          beside={
            <button
              type="button"
              class="quiet"
              aria-label={`Remove ${name} ${i + 1}`}
              onClick={() => set(given.drafts.toSpliced(i, 1))}
            >
              Remove
            </button>
          }
        />
      ))}
      <button
        type="button"
        class="add"
        onClick={() => set([...given.drafts, blank(type, given.drafts.at(-1)?.kind)])}
      >
        Add one
      </button>
    </fieldset>
  );
}
