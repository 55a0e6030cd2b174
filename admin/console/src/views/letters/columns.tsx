import { address } from "../../address/route";
import type { DeadLetter } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { countText, sizeText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import type { Column } from "../../ui/table";

/** The columns of `task-scheduler admin dead-letters`. */
export const columns: readonly Column<DeadLetter>[] = [
  {
    name: "id",
    cell: ({ execution: x }) => (
      <a class="whole mono" href={address(["letters", x?.id ?? ""])}>
        {idText(x?.id ?? "")}
      </a>
    ),
  },
  { name: "method", cell: (l) => visible(l.execution?.method ?? "") },
  { name: "attempts", number: true, cell: (l) => countText(l.execution?.attempt ?? 0) },
  { name: "ended", cell: (l) => <Moment at={l.execution?.endedAt} /> },
  { name: "arguments", cell: (l) => `${countText(l.arguments)}, ${sizeText(l.argumentBytes)}` },
  {
    name: "error",
    cell: ({ execution: x }) => (x ? `${x.code}: ${visible(x.message)}` : ""),
  },
];
