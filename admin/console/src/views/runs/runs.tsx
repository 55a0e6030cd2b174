import { address } from "../../address/route";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { durationText } from "../../text/duration";
import { idText } from "../../text/visible";
import { StateBadge } from "../../ui/badge";
import { List } from "../../ui/list";
import { Moment } from "../../ui/moment";
import { Page } from "../../ui/page";
import { Answered, Empty } from "../../ui/state";
import type { Column } from "../../ui/table";

const columns: readonly Column<Execution>[] = [
  {
    name: "id",
    cell: (x) => (
      <a class="whole mono" href={address(["runs", x.id])}>
        {idText(x.id)}
      </a>
    ),
  },
  { name: "method", cell: (x) => x.method },
  { name: "state", cell: (x) => <StateBadge state={x.state} overdue={x.overdue} /> },
  { name: "submitted", cell: (x) => <Moment at={x.submittedAt} /> },
  { name: "ran", number: true, cell: (x) => durationText(x.duration) },
  { name: "error", cell: (x) => x.code },
];

/** Runs, newest first. */
export function Runs() {
  const answer = useCall((signal) => admin.listExecutions({ pageSize: 1000 }, { signal }));
  return (
    <Page title="Runs">
      <Answered answer={answer} busy="Asking for the newest runs …">
        {({ executions }) =>
          executions.length === 0 ? (
            <Empty title="Nothing has run yet." />
          ) : (
            <List
              caption="Runs"
              layout="runs"
              columns={columns}
              rows={executions}
              id={(x) => x.id}
            />
          )
        }
      </Answered>
    </Page>
  );
}
