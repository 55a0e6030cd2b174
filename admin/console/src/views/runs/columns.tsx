import { address } from "../../address/route";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { durationText } from "../../text/duration";
import { idText, visible } from "../../text/visible";
import { StateBadge } from "../../ui/badge";
import { Moment } from "../../ui/moment";
import type { Column } from "../../ui/table";

/** The columns of `task-scheduler admin executions`. */
export const columns: readonly Column<Execution>[] = [
  {
    name: "id",
    cell: (x) => (
      <a class="whole mono" href={address(["runs", x.id])}>
        {idText(x.id)}
      </a>
    ),
  },
  { name: "method", cell: (x) => visible(x.method) },
  { name: "state", cell: (x) => <StateBadge state={x.state} overdue={x.overdue} /> },
  { name: "submitted", cell: (x) => <Moment at={x.submittedAt} /> },
  { name: "ran", number: true, cell: (x) => durationText(x.duration) },
  { name: "error", cell: (x) => errorOf(x) },
];

function errorOf(x: Execution): string {
  if (x.code === "") return "";
  return x.message === "" ? x.code : `${x.code}: ${visible(x.message)}`;
}
