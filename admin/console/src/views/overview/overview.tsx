import { useState } from "preact/hooks";
import type { StatsSample, WatchStatsResponse } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { admin } from "../../rpc/client";
import { useStream } from "../../rpc/use-stream";
import { Page, Section } from "../../ui/page";
import { Busy, Failed } from "../../ui/state";
import { Attention } from "./attention";
import { Charts } from "./charts";
import { Figures } from "./figures";
import { Methods } from "./methods";
import { Plugins } from "./plugins";
import { Queue } from "./queue";
import { merge } from "./samples";
import { Server } from "./server";

const silence = 10_000; // ms; a server says something each second

/** How the server is, now and in the last minutes. */
export function Overview() {
  const [samples, setSamples] = useState<readonly StatsSample[]>([]);
  const [newest, setNewest] = useState<WatchStatsResponse>();
  const [opens, setOpens] = useState(0);
  const line = useStream<WatchStatsResponse>({
    open: (signal, opened) => admin.watchStats({ top: 5 }, { signal, onHeader: opened }),
    take: (message) => {
      setSamples((old) => merge(old, message.samples));
      setNewest(message);
    },
    opened: () => setOpens((n) => n + 1),
    silence,
  });
  return (
    <Page title="Overview">
      {!newest && line.error && <Failed error={line.error} />}
      {!newest && !line.error && <Busy>Asking the server how it is …</Busy>}
      {newest && (
        <>
          <Attention items={newest.attention} />
          <Figures samples={samples} newest={newest} />
          <Charts samples={samples} />
          <Methods stats={newest} />
          <Queue stats={newest} />
        </>
      )}
      <Section title="Plugins">
        <Plugins />
      </Section>
      <Section title="Server">
        <Server memory={newest?.memoryBytes} opens={opens} />
      </Section>
    </Page>
  );
}
