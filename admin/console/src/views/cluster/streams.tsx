import type {
  ListNodesResponse,
  StoredCopy,
  StoredStream,
} from "../../gen/taskscheduler/admin/v1/cluster_pb";
import { countText, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { Badge } from "../../ui/badge";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";

const columns: readonly Column<StoredStream>[] = [
  { name: "stream", cell: (s) => visible(s.name) },
  { name: "messages", number: true, wide: true, cell: (s) => countText(s.messages) },
  { name: "size", number: true, wide: true, cell: (s) => sizeText(s.bytes) },
  { name: "leader", wide: true, cell: (s) => visible(s.leader) || <span class="none">-</span> },
  { name: "copies", cell: (s) => s.copies.map(copyText).join(", ") || "-" },
];

function copyText(c: StoredCopy): string {
  const server = visible(c.server);
  if (c.offline) return `${server} (not reached)`;
  return c.current ? server : `${server} (${countText(c.lag)} behind)`;
}

/** Where results and tasks are kept, and how far each copy is; nothing in memory. */
export function Streams({ found }: { found: ListNodesResponse }) {
  if (found.streams.length === 0 && !found.streamsError) return null;
  return (
    <Section title="What is kept">
      {found.streamsError && (
        <p>
          <Badge tone="warn">look at it</Badge> What the servers keep is not known:{" "}
          {visible(found.streamsError)}
        </p>
      )}
      {found.streams.length > 0 && (
        <Table caption="Streams" columns={columns} rows={found.streams} id={(s) => s.name} />
      )}
    </Section>
  );
}
