import { useRef, useState } from "preact/hooks";
import { address, go, route } from "../../address/route";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import type { QueuedMethod } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { admin } from "../../rpc/client";
import { useBusy } from "../../rpc/use-busy";
import { usePages } from "../../rpc/use-pages";
import { may } from "../../rpc/who";
import { Bulk, type Deed } from "../../ui/bulk";
import { List } from "../../ui/list";
import { say } from "../../ui/notice";
import { Page, Section } from "../../ui/page";
import { Busy, Empty, Failed } from "../../ui/state";
import { Unanswered } from "../../ui/unanswered";
import { QueueTable } from "../overview/queue";
import { chooseAll, type Filter, readFilter, writeFilter } from "../runs/filter";
import { Filters } from "../runs/filters";
import { cancel, chosen, open } from "./cancel";
import { due } from "./columns";

/** What waits: how much of which method, and what is to come, the first first. */
export function Queue() {
  const filter = readFilter(route.value.query);
  const query = writeFilter(filter).toString();
  const [waiting, setWaiting] = useState<readonly QueuedMethod[]>([]);
  const pages = usePages(
    async (pageToken, signal) => {
      const request = { filter: chosen(filter), pageSize: 200, pageToken };
      const answer = await admin.listQueue(request, { signal });
      if (pageToken === "") setWaiting(answer.methods);
      return {
        rows: answer.due,
        next: answer.nextPageToken,
        unanswered: answer.unansweredNodes,
      };
    },
    [query],
  );
  const top = useRef(true);
  useBusy(() => {
    if (top.current) pages.again();
  });
  const [deed, setDeed] = useState<Deed>();
  const set = (f: Filter) => go(address(["queue"], writeFilter(f)), true);
  return (
    <Page
      title="Queue"
      actions={
        may("CancelExecutions") && (
          <button type="button" class="danger" onClick={() => setDeed(cancel(filter))}>
            Cancel all found
          </button>
        )
      }
    >
      <Filters
        filter={filter}
        set={set}
        place="/queue"
        among={open}
        jump={false}
        names={["plugin", "label", "caller", "since"]}
      />
      {pages.error && <Failed error={pages.error} again={pages.again} />}
      {pages.rows === undefined && !pages.error && <Busy>Asking what waits …</Busy>}
      <Unanswered nodes={pages.unanswered} so="theirs are missing" />
      {pages.rows && (
        <Waiting rows={waiting} partly={!chooseAll({ ...filter, method: "", plugin: "" })} />
      )}
      {pages.rows && (
        <Due
          rows={pages.rows}
          complete={pages.complete}
          more={pages.more}
          atTop={(at) => {
            top.current = at;
          }}
        />
      )}
      {deed && (
        <Bulk
          deed={deed}
          close={(said) => {
            setDeed(undefined);
            if (said) say(said);
            pages.again();
          }}
        />
      )}
    </Page>
  );
}

function Waiting({ rows, partly }: { rows: readonly QueuedMethod[]; partly: boolean }) {
  const nodes = new Set(rows.map((m) => m.nodeId)).size > 1;
  return (
    <Section title={nodes ? "By method and node" : "By method"}>
      {partly && (
        <p class="none">All of these methods: the rest of the filter is for what is to come.</p>
      )}
      {rows.length === 0 ? (
        <Empty title="Nothing runs or waits." />
      ) : (
        <QueueTable rows={rows} nodes={nodes} />
      )}
    </Section>
  );
}

function Due(props: {
  rows: readonly Execution[];
  complete: boolean;
  more: () => void;
  atTop: (at: boolean) => void;
}) {
  return (
    <Section title="To come">
      {props.rows.length === 0 ? (
        <p class="none">Nothing waits for its time.</p>
      ) : (
        <List
          caption="Runs to come"
          layout="due"
          columns={due}
          rows={props.rows}
          id={(x) => x.id}
          nearEnd={props.more}
          atTop={props.atTop}
          foot={!props.complete && <Busy>Loading later ones …</Busy>}
        />
      )}
    </Section>
  );
}
