import { useEffect, useId, useRef, useState } from "preact/hooks";

const pause = 400; // ms without a key until what is typed counts

/** A field whose text counts when one stops typing, or leaves it. */
export function Field(props: {
  label: string;
  value: string;
  set: (value: string) => void;
  placeholder?: string;
  /** What is wrong with a text; nothing if it is right. */
  wrong?: (value: string) => string | undefined;
  /** What one may mean; shown while one types. */
  choices?: readonly string[];
}) {
  const [text, setText] = useState(props.value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();
  useEffect(() => setText(props.value), [props.value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const wrong = text.trim() === "" ? undefined : props.wrong?.(text.trim());
  const commit = (value: string) => {
    clearTimeout(timer.current);
    if (value.trim() !== props.value) props.set(value.trim());
  };
  return (
    <label class="field">
      {props.label}
      <input
        type="text"
        value={text}
        placeholder={props.placeholder}
        list={props.choices ? `${id}-choices` : undefined}
        spellcheck={false}
        autocomplete="off"
        aria-invalid={wrong ? "true" : undefined}
        aria-describedby={wrong ? `${id}-wrong` : undefined}
        onInput={(event) => {
          const { value } = event.currentTarget;
          setText(value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => commit(value), pause);
        }}
        onChange={(event) => commit(event.currentTarget.value)}
      />
      {props.choices && (
        <datalist id={`${id}-choices`}>
          {props.choices.map((c) => (
            <option key={c} value={c} />
          ))}
        </datalist>
      )}
      {wrong && (
        <span class="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </label>
  );
}
