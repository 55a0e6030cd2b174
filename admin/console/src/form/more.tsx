import type { Options } from "./options";

/** What else a run can be submitted with; the words are the command line's. */
export function More({ options, change }: { options: Options; change: (o: Options) => void }) {
  const text = (name: Exclude<keyof Options, "inject">) => ({
    value: options[name],
    spellcheck: false,
    autocomplete: "off" as const,
    onInput: (event: { currentTarget: { value: string } }) =>
      change({ ...options, [name]: event.currentTarget.value }),
  });
  return (
    <details class="more">
      <summary>Options: id, labels, timeout, attempts, start, dependencies</summary>
      <div class="more-fields">
        <label>
          id
          <input {...text("id")} placeholder="the server makes one" />
        </label>
        <label>
          execution timeout
          <input {...text("timeout")} placeholder="90s; none" />
        </label>
        <label>
          max attempts
          <input {...text("attempts")} inputMode="numeric" placeholder="1" />
        </label>
        <label>
          start at
          <input {...text("start")} placeholder="5m from now, or a time" />
        </label>
        <label>
          labels
          <textarea {...text("labels")} rows={2} placeholder="team=a, one on each line" />
        </label>
        <label>
          dependencies
          <textarea {...text("dependencies")} rows={2} placeholder="ids, one on each line" />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={options.inject}
            onChange={(event) => change({ ...options, inject: event.currentTarget.checked })}
          />
          inject the dependencies' results before the arguments
        </label>
      </div>
    </details>
  );
}
