import { useState } from "preact/hooks";
import type { GetPluginResponse, PluginVersion } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { may } from "../../rpc/who";
import { sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Badge } from "../../ui/badge";
import { Confirm } from "../../ui/confirm";
import { Moment } from "../../ui/moment";
import { say } from "../../ui/notice";
import { Section } from "../../ui/page";
import { type Column, Table } from "../../ui/table";

/** What was loaded so far, by hash; one that is kept can come back. */
export function Versions({ found, changed }: { found: GetPluginResponse; changed: () => void }) {
  const [chosen, setChosen] = useState<PluginVersion>();
  const { busy, act } = useAct();
  const name = found.plugin?.name ?? "";
  const revert = (v: PluginVersion) =>
    act("The version can't be brought back", async () => {
      await admin.revertPlugin({ name, sha256: v.sha256 });
      changed();
      say(`${visible(name)} is ${v.sha256.slice(0, 12)} again.`);
    });
  const columns: readonly Column<PluginVersion>[] = [
    { name: "sha-256", cell: (v) => <code title={v.sha256}>{v.sha256.slice(0, 12)}</code> },
    { name: "version", cell: (v) => visible(v.version) || "-" },
    { name: "loaded", cell: (v) => <Moment at={v.loadedAt} /> },
    {
      name: "size",
      number: true,
      wide: true,
      cell: (v) => (v.bytes > 0n ? sizeText(v.bytes) : "-"),
    },
    {
      name: "now",
      cell: (v) =>
        v.serving ? (
          <Badge tone="good">serving</Badge>
        ) : v.kept && may("RevertPlugin") ? (
          <button type="button" disabled={busy} onClick={() => setChosen(v)}>
            Bring back
          </button>
        ) : (
          <span class="none">{v.kept ? "kept" : "gone"}</span>
        ),
    },
  ];
  return (
    <Section title="Versions">
      {found.versions.length === 0 ? (
        <p class="none">None was loaded yet.</p>
      ) : (
        <Table
          caption="Versions"
          columns={columns}
          rows={found.versions}
          id={(v) => `${v.sha256} ${v.loadedAt?.seconds}.${v.loadedAt?.nanos}`}
        />
      )}
      {chosen && (
        <Confirm
          title="Bring this version back?"
          action="Bring it back"
          run={() => revert(chosen)}
          close={() => setChosen(undefined)}
        >
          <p>
            <code>{chosen.sha256}</code>
          </p>
          <p>Calls that run end on the version of now; new ones go to this one.</p>
        </Confirm>
      )}
    </Section>
  );
}
