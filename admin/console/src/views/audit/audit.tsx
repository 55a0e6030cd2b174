import { useRef, useState } from "preact/hooks";
import { address, go, route } from "../../address/route";
import type { AuditEntry } from "../../gen/taskscheduler/admin/v1/access_pb";
import { EventKind } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useEvents, useSoon } from "../../rpc/use-events";
import { usePages } from "../../rpc/use-pages";
import { may, roleWord, who } from "../../rpc/who";
import { idText, visible } from "../../text/visible";
import { readWhen } from "../../text/when";
import { Badge } from "../../ui/badge";
import { Field } from "../../ui/field";
import { List } from "../../ui/list";
import { Moment } from "../../ui/moment";
import { Page } from "../../ui/page";
import { Busy, Empty, Failed } from "../../ui/state";
import type { Column } from "../../ui/table";
import { Unanswered } from "../../ui/unanswered";

const time: Column<AuditEntry> = { name: "time", cell: (e) => <Moment at={e.time} /> };

/** Whose audit it is in, where there are several. */
const node: Column<AuditEntry> = { name: "node", cell: (e) => visible(e.nodeId) || "-" };

const columns: readonly Column<AuditEntry>[] = [
  { name: "who", cell: (e) => visible(e.who) },
  { name: "role", cell: (e) => roleWord(e.role) },
  { name: "from", cell: (e) => (e.peer === e.who ? "-" : visible(e.peer)) },
  { name: "action", cell: (e) => visible(e.action) },
  { name: "target", cell: (e) => (e.target ? idText(e.target) : "-") },
  {
    name: "result",
    cell: (e) => (
      <span title={detailText(e)}>
        <Badge tone={e.result === "ok" ? "good" : "bad"}>
          {e.result === "ok" ? "ok" : "failed"}
        </Badge>{" "}
        {e.result === "ok" ? detailText(e) : visible(e.result)}
      </span>
    ),
  },
];

function detailText(e: AuditEntry): string {
  const details = Object.entries(e.details).sort(([a], [b]) => (a < b ? -1 : 1));
  return details.map(([key, value]) => `${visible(key)}=${visible(value)}`).join(" ");
}

const kinds = [EventKind.AUDITED];

/** Changes that somebody asked for, for those who may see them. */
export function Audit() {
  if (may("ListAudit")) return <Changes />;
  return (
    <Page title="Audit">
      <Empty title="Your role doesn't see the audit.">
        <p>
          You have the role {who.value && roleWord(who.value.role)}. Who has changed what is for
          operators and admins.
        </p>
      </Empty>
    </Page>
  );
}

/** The changes, the newest first, as they are made. */
function Changes() {
  const { query } = route.value;
  const text = query.get("text") ?? "";
  const since = query.get("since") ?? "";
  const failed = query.get("failed") === "true";
  const pages = usePages(
    async (pageToken, signal) => {
      const from = readWhen(since, Date.now());
      const request = { text, failed, pageSize: 200, pageToken, ...(from && { since: from }) };
      const answer = await admin.listAudit(request, { signal });
      return {
        rows: answer.entries,
        next: answer.nextPageToken,
        unanswered: answer.unansweredNodes,
      };
    },
    [text, since, failed],
  );
  const nodes = new Set(pages.rows?.map((e) => e.nodeId)).size > 1;
  const top = useRef(true);
  const [stale, setStale] = useState(false);
  const fresh = () => {
    setStale(false);
    pages.again();
  };
  const soon = useSoon(() => (top.current ? fresh() : setStale(true)), 500);
  useEvents(kinds, soon, soon);
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    go(address(["audit"], next), true);
  };
  return (
    <Page title="Audit">
      <form class="filters" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
        <Field
          label="text"
          value={text}
          set={(value) => set("text", value)}
          placeholder="who, action or target"
        />
        <Field
          label="since"
          value={since}
          set={(value) => set("since", value)}
          placeholder="10m, or a time"
          wrong={(value) =>
            readWhen(value, Date.now()) ? undefined : "Such as 10m or 2026-01-02."
          }
        />
        <label class="check alone">
          <input
            type="checkbox"
            checked={failed}
            onChange={(event) => set("failed", event.currentTarget.checked ? "true" : "")}
          />
          only what failed
        </label>
      </form>
      {pages.error && <Failed error={pages.error} again={pages.again} />}
      <Unanswered nodes={pages.unanswered} so="theirs are missing" />
      {pages.rows === undefined && !pages.error && <Busy>Asking for the changes …</Busy>}
      {pages.rows?.length === 0 && !pages.complete && <Busy>Looking through older ones …</Busy>}
      {pages.rows?.length === 0 && pages.complete && (
        <Nothing filtered={text !== "" || since !== "" || failed} />
      )}
      {pages.rows && pages.rows.length > 0 && (
        <List
          caption="Audit"
          layout={nodes ? "audit nodes" : "audit"}
          columns={nodes ? [time, node, ...columns] : [time, ...columns]}
          rows={pages.rows}
          id={(e) => `${e.time?.seconds}.${e.time?.nanos} ${e.nodeId} ${e.position}`}
          nearEnd={pages.more}
          atTop={(at) => {
            top.current = at;
            if (at && stale) fresh();
          }}
          newer={stale ? "newer ones" : undefined}
          foot={!pages.complete && <Busy>Loading older ones …</Busy>}
        />
      )}
    </Page>
  );
}

function Nothing({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty title="No change fits the filter." />;
  return (
    <Empty title="No changes are remembered.">
      <p>
        Each drain, cancellation, upload and other change is listed here as it is made. With{" "}
        <code>--admin-audit-file</code> the server still has them after a restart.
      </p>
    </Empty>
  );
}
