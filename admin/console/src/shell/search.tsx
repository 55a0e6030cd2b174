import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { go } from "../address/route";
import { admin } from "../rpc/client";
import { suggest } from "./suggest";

/** The search: ids, tasks and plugins; the first that is proposed is where Enter leads. */
export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const names = useNames(open);
  const found = open ? suggest(text, names.tasks, names.plugins) : [];
  const follow = (address: string | undefined) => {
    if (address === undefined) return;
    setText("");
    setOpen(false);
    field.current?.blur();
    go(address);
  };
  const keys: Record<string, () => void> = {
    Escape: () => field.current?.blur(),
    ArrowDown: () => setChosen((chosen + 1) % Math.max(1, found.length)),
    ArrowUp: () => setChosen((chosen + found.length - 1) % Math.max(1, found.length)),
    Enter: () => follow(found[chosen]?.address),
  };
  return (
    <search class="search">
      <input
        ref={field}
        type="search"
        // biome-ignore lint/a11y/noRedundantRoles: it would have it with a list of the browser's own
        role="combobox"
        list={undefined}
        placeholder="Find runs, tasks, plugins"
        aria-label="Find runs by id, tasks and plugins by name"
        aria-keyshortcuts="/"
        aria-expanded={found.length > 0}
        aria-controls="found"
        aria-activedescendant={found.length > 0 ? `found-${chosen}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (!act) return;
          event.preventDefault();
          act();
        }}
      />
      <kbd>/</kbd>
      <div id="found" class="found" role="listbox" aria-label="Found" hidden={found.length === 0}>
        {found.map((s, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={s.address}
            id={`found-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            // The field would lose the focus, and the list go, before the click is one.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => follow(s.address)}
          >
            <span class="none">{s.what}</span> {s.name}
          </div>
        ))}
      </div>
    </search>
  );
}

/** The names of tasks and plugins, asked for each time that one goes to the search. */
function useNames(wanted: boolean): { tasks: string[]; plugins: string[] } {
  const [names, setNames] = useState<{ tasks: string[]; plugins: string[] }>({
    tasks: [],
    plugins: [],
  });
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const signal = abort.signal;
    Promise.all([admin.listTasks({}, { signal }), admin.listPlugins({}, { signal })]).then(
      ([{ tasks }, { plugins }]) => {
        setNames({ tasks: tasks.map((t) => t.name), plugins: plugins.map((p) => p.name) });
      },
      () => {}, // ids can be looked for without them
    );
    return () => abort.abort();
  }, [wanted]);
  return names;
}
