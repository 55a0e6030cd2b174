import { address } from "../../address/route";
import type { Plugin } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { countText, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { PluginBadge } from "../../ui/badge";
import { Moment } from "../../ui/moment";
import { Answered, Empty } from "../../ui/state";
import { type Column, Table } from "../../ui/table";

const columns: readonly Column<Plugin>[] = [
  {
    name: "name",
    cell: (p) => <a href={address(["plugins", p.name])}>{visible(p.name)}</a>,
  },
  { name: "state", cell: (p) => <PluginBadge state={p.state} /> },
  { name: "tasks", number: true, cell: (p) => countText(p.tasks.length) },
  {
    name: "memory",
    number: true,
    wide: true,
    cell: (p) => (p.pid ? sizeText(p.memoryBytes) : "-"),
  },
  { name: "restarts", number: true, cell: (p) => countText(p.restarts) },
  { name: "loaded", wide: true, cell: (p) => <Moment at={p.loadedAt} /> },
  { name: "last error", wide: true, cell: (p) => visible(p.lastError) || "-" },
];

/** The plugins and their states, asked for again whenever something happens to one. */
export function Plugins() {
  const answer = useCall((signal) => admin.listPlugins({}, { signal }));
  useEvents(pluginEvents, answer.again, answer.again);
  return (
    <Answered answer={answer} busy="Asking for the plugins …">
      {({ plugins }) =>
        plugins.length === 0 ? (
          <Empty title="There are no plugins.">
            <p>A file that is dropped into the library directory is loaded by itself.</p>
          </Empty>
        ) : (
          <Table caption="Plugins" columns={columns} rows={plugins} id={(p) => p.name} />
        )
      }
    </Answered>
  );
}
