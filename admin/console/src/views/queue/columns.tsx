import { address } from "../../address/route";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { idText, visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import type { Column } from "../../ui/table";

/** What waits for its time. */
export const due: readonly Column<Execution>[] = [
  {
    name: "id",
    cell: (x) => (
      <a class="whole mono" href={address(["runs", x.id])}>
        {idText(x.id)}
      </a>
    ),
  },
  { name: "method", cell: (x) => visible(x.method) },
  { name: "due", cell: (x) => <Moment at={x.dueAt} ago /> },
  { name: "at", cell: (x) => <Moment at={x.dueAt} /> },
  { name: "why", cell: (x) => (x.attempt > 0 ? `after attempt ${x.attempt}` : "start at") },
];
