import { useRef, useState } from "preact/hooks";
import { address, go, route } from "../../address/route";
import type { DeadLetter } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { letterEvents } from "../../rpc/kinds";
import { useEvents, useSoon } from "../../rpc/use-events";
import { type Pages, usePages } from "../../rpc/use-pages";
import { may } from "../../rpc/who";
import { plural } from "../../text/number";
import { Bulk, type Deed } from "../../ui/bulk";
import { List } from "../../ui/list";
import { say } from "../../ui/notice";
import { Page } from "../../ui/page";
import { Busy, Empty, Failed } from "../../ui/state";
import { Unanswered } from "../../ui/unanswered";
import { chooseAll, type Filter, readFilter, writeFilter } from "../runs/filter";
import { Filters } from "../runs/filters";
import { columns } from "./columns";
import { drop, retry } from "./deeds";
import { filterOf } from "./request";
import { Undo } from "./undo";

/** Tasks that have used up their attempts, the latest first; one or all found can be acted on. */
export function Letters() {
  const filter = readFilter(route.value.query);
  const query = writeFilter(filter).toString();
  const [silent, setSilent] = useState<readonly string[]>([]);
  const pages = usePages(
    async (pageToken, signal) => {
      const request = { filter: filterOf(filter, Date.now()), pageSize: 200, pageToken };
      const answer = await admin.listDeadLetters(request, { signal });
      setSilent(answer.unansweredNodes);
      return { rows: answer.deadLetters, next: answer.nextPageToken };
    },
    [query],
  );
  const top = useRef(true);
  const [stale, setStale] = useState(false);
  const fresh = () => {
    setStale(false);
    pages.again();
  };
  const soon = useSoon(() => (top.current ? fresh() : setStale(true)), 1000);
  useEvents(letterEvents, soon, soon);
  const [deed, setDeed] = useState<Deed>();
  const set = (f: Filter) => go(address(["letters"], writeFilter(f)), true);
  const any = (pages.rows?.length ?? 0) > 0;
  return (
    <Page
      title="Dead letters"
      actions={
        any && (
          <>
            <Count pages={pages} />
            {may("RetryDeadLetters") && (
              <button type="button" onClick={() => setDeed(retry(filter))}>
                Retry all found
              </button>
            )}
            {may("DropDeadLetters") && (
              <button type="button" class="danger" onClick={() => setDeed(drop(filter))}>
                Drop all found
              </button>
            )}
          </>
        )
      }
    >
      <Filters
        filter={filter}
        set={set}
        place="/letters"
        among={[]}
        names={["plugin", "code", "label", "since"]}
      />
      <Undo />
      <Unanswered nodes={silent} so="theirs are missing" />
      {pages.error && <Failed error={pages.error} again={pages.again} />}
      {pages.rows === undefined && !pages.error && <Busy>Asking for the dead letters …</Busy>}
      {pages.rows?.length === 0 && <Nothing all={chooseAll(filter)} />}
      {any && (
        <List
          caption="Dead letters"
          layout="letters"
          columns={columns}
          rows={pages.rows ?? []}
          id={(l: DeadLetter) => l.execution?.id ?? ""}
          nearEnd={pages.more}
          atTop={(at) => {
            top.current = at;
            if (at && stale) fresh();
          }}
          newer={stale ? "what has changed" : undefined}
          foot={!pages.complete && <Busy>Loading older ones …</Busy>}
        />
      )}
      {deed && (
        <Bulk
          deed={deed}
          close={(said) => {
            setDeed(undefined);
            if (said) say(said);
            fresh();
          }}
        />
      )}
    </Page>
  );
}

function Count({ pages }: { pages: Pages<DeadLetter> }) {
  const n = pages.rows?.length ?? 0;
  return (
    <span class="none">
      {pages.complete ? "" : "the latest "}
      {plural(n, "dead letter")}
    </span>
  );
}

function Nothing({ all }: { all: boolean }) {
  return all ? (
    <Empty title="There are no dead letters.">
      <p>A task that fails at the last of its attempts is kept here, to be run again.</p>
    </Empty>
  ) : (
    <Empty title="No dead letter is so.">
      <p>
        <a href="/letters">Show all dead letters</a>
      </p>
    </Empty>
  );
}
