import { useRef } from "preact/hooks";
import { address, go, route } from "../../address/route";
import { countText, plural } from "../../text/number";
import { List } from "../../ui/list";
import { Page } from "../../ui/page";
import { Busy, Empty, Failed } from "../../ui/state";
import { Unanswered } from "../../ui/unanswered";
import { keyOf } from "./book";
import { columns } from "./columns";
import { chooseAll, type Filter, readFilter, writeFilter } from "./filter";
import { Filters } from "./filters";
import type { Followed } from "./followed";
import { useFollowed } from "./use-followed";

/** Runs, newest first and live, as many as the server remembers; the filter is in the address. */
export function Runs() {
  const filter = readFilter(route.value.query);
  const query = writeFilter(filter);
  const runs = useFollowed(filter, query.toString());
  const set = (f: Filter) => go(address(["runs"], writeFilter(f)), true);
  return (
    <Page title="Runs" actions={<Count runs={runs} />}>
      <Filters filter={filter} set={set} />
      {runs.error.value && <Failed error={runs.error.value} again={() => runs.retry()} />}
      <Unanswered nodes={runs.unanswered.value} so="theirs are missing" />
      {!runs.asked.value && !runs.error.value && <Busy>Asking for the newest runs …</Busy>}
      {runs.asked.value && <Found key={query.toString()} runs={runs} all={chooseAll(filter)} />}
    </Page>
  );
}

function Count({ runs }: { runs: Followed }) {
  const shown = runs.rows.value.length;
  if (!runs.asked.value || shown === 0) return null;
  return (
    <span class="none">
      {runs.complete.value
        ? plural(shown, "run")
        : `the newest ${countText(shown)} of ${plural(Math.max(shown, runs.total.value), "run")}`}
    </span>
  );
}

function Found({ runs, all }: { runs: Followed; all: boolean }) {
  const nearEnd = useRef(() => {
    runs.more();
  });
  const rows = runs.rows.value;
  if (rows.length === 0 && runs.newer.value.length === 0) {
    return all ? (
      <Empty title="Nothing has run yet.">
        <p>What runs appears here by itself.</p>
      </Empty>
    ) : (
      <Empty title="No run that the server remembers is so.">
        <p>
          One that comes appears here by itself. <a href="/runs">Show all runs</a>
        </p>
      </Empty>
    );
  }
  return (
    <List
      caption="Runs"
      layout="runs"
      columns={columns}
      rows={rows}
      id={keyOf}
      nearEnd={nearEnd.current}
      atTop={(top) => runs.atTop(top)}
      newer={runs.newer.value.length > 0 ? plural(runs.newer.value.length, "newer run") : undefined}
      foot={!runs.complete.value && <Busy>Loading older runs …</Busy>}
    />
  );
}
