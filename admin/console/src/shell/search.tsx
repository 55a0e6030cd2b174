import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { address, go } from "../address/route";

/** The search: an id's beginning leads to the runs that have it. */
export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [text, setText] = useState("");
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === "") return;
          go(address(["runs"], new URLSearchParams({ id: text.trim() })));
          field.current?.blur();
        }}
      >
        <input
          ref={field}
          type="search"
          placeholder="Find runs by id"
          aria-label="Find runs by the beginning of their id"
          aria-keyshortcuts="/"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") field.current?.blur();
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  );
}
