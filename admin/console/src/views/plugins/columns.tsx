import { address } from "../../address/route";
import type { Plugin, PluginProcess } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { countText, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { PluginBadge } from "../../ui/badge";
import { Moment } from "../../ui/moment";
import type { Column } from "../../ui/table";

/** What the list tells of a plugin. */
export const columns: readonly Column<Plugin>[] = [
  { name: "name", cell: (p) => <a href={address(["plugins", p.name])}>{visible(p.name)}</a> },
  { name: "state", cell: (p) => <PluginBadge state={p.state} /> },
  { name: "tasks", number: true, cell: (p) => countText(p.tasks.length) },
  { name: "processes", number: true, wide: true, cell: (p) => countText(p.processes.length) },
  {
    name: "memory",
    number: true,
    wide: true,
    cell: (p) => (p.processes.length > 0 ? sizeText(memory(p)) : "-"),
  },
  { name: "restarts", number: true, cell: (p) => countText(p.restarts) },
  { name: "sha-256", wide: true, cell: (p) => <code>{p.sha256.slice(0, 12) || "-"}</code> },
  { name: "loaded", wide: true, cell: (p) => <Moment at={p.loadedAt} /> },
  { name: "last error", wide: true, cell: (p) => visible(p.lastError) || "-" },
];

function memory(p: Plugin): bigint {
  return p.processes.reduce((sum: bigint, x: PluginProcess) => sum + x.memoryBytes, 0n);
}
