import { useMemo, useState } from "preact/hooks";
import { address } from "../../address/route";
import type { GetTaskResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import type { StatsSample } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { useStream } from "../../rpc/use-stream";
import { may } from "../../rpc/who";
import { durationText } from "../../text/duration";
import { countText } from "../../text/number";
import { visible } from "../../text/visible";
import { kindWord } from "../../text/words";
import { Facts } from "../../ui/facts";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { Charts } from "../overview/charts";
import { merge } from "../overview/samples";
import { Runner } from "./runner";

/** One task: what it takes and does, how it has done, and a form that runs it. */
export function Task({ name }: { name: string }) {
  const answer = useCall((signal) => admin.getTask({ name }, { signal }), [name]);
  const [samples, setSamples] = useState<readonly StatsSample[]>([]);
  useStream(
    {
      open: (signal, opened) =>
        admin.watchStats({ method: name, top: 1 }, { signal, onHeader: opened }),
      take: (message) => setSamples((old) => merge(old, message.samples)),
    },
    [name],
  );
  useEvents(pluginEvents, answer.again, answer.again);
  const total = useMemo(() => samples.reduce((sum, s) => sum + s.calls, 0n), [samples]);
  return (
    <Page title={visible(name)} actions={<Runs name={name} />}>
      <Answered answer={answer} busy="Asking for the task …">
        {(found) => (
          <>
            <About found={found} />
            {may("RunTask") && <Runner method={name} signature={found.signature} />}
          </>
        )}
      </Answered>
      {total > 0n && <Charts samples={samples} />}
    </Page>
  );
}

function Runs({ name }: { name: string }) {
  const of = (more: Record<string, string>) =>
    address(["runs"], new URLSearchParams({ ...more, method: name }));
  return (
    <>
      <a class="button" href={of({})}>
        Runs
      </a>
      <a class="button" href={of({ state: "failed" })}>
        Failed runs
      </a>
    </>
  );
}

function About({ found }: { found: GetTaskResponse }) {
  const t = found.task;
  if (!t) return null;
  const version = visible(t.version);
  return (
    <Section title="About">
      {t.doc !== "" && <p class="doc">{visible(t.doc)}</p>}
      <p class="mono">
        {visible(t.name)}
        {t.signature ? visible(t.signature) : " - it doesn't say what it takes"}
      </p>
      <Facts
        of={[
          [
            "kind",
            t.kind === 2
              ? "async: it waits on something"
              : `${kindWord(t.kind)}: it keeps a core busy`,
          ],
          [
            "plugin",
            t.plugin ? (
              <>
                <a href={address(["plugins", t.plugin])}>{visible(t.plugin)}</a> {version}
              </>
            ) : undefined,
          ],
          ["source", visible(t.source)],
          [
            "sha-256",
            t.pluginVersion ? <code key="">{t.pluginVersion.slice(0, 12)}</code> : undefined,
          ],
          ["calls", countText(t.calls)],
          ["failures", countText(t.failures)],
          ["cancelled", countText(t.cancelled)],
          ["mean", durationText(t.latency?.mean)],
          ["p50", durationText(t.latency?.p50)],
          ["p99", durationText(t.latency?.p99)],
          ["longest", durationText(t.latency?.max)],
        ]}
      />
    </Section>
  );
}
