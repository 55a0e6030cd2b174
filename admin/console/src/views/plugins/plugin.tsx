import { Code } from "@connectrpc/connect";
import { address } from "../../address/route";
import type { GetPluginResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents, useSoon } from "../../rpc/use-events";
import { countText, plural, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { PluginBadge } from "../../ui/badge";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { Steer } from "./steer";
import { Versions } from "./versions";

/** One plugin: how it is, what it was, what it says, and what can be done to it. */
export function Plugin({ name }: { name: string }) {
  const answer = useCall((signal) => admin.getPlugin({ name }, { signal }), [name]);
  const soon = useSoon(answer.again, 500);
  useEvents(pluginEvents, (event) => event.plugin === name && soon(), answer.again);
  const plugin = answer.data?.plugin;
  return (
    <Page
      title={visible(name)}
      actions={plugin && <Steer plugin={plugin} changed={answer.again} />}
    >
      <Answered answer={answer} busy="Asking for the plugin …">
        {(found) => (
          <>
            <About found={found} />
            <Versions found={found} changed={answer.again} />
            <Lines found={found} />
          </>
        )}
      </Answered>
      {answer.error?.code === Code.NotFound && (
        <p>
          <a href="/plugins">Show all plugins</a>
        </p>
      )}
    </Page>
  );
}

function About({ found }: { found: GetPluginResponse }) {
  const p = found.plugin;
  if (!p) return null;
  const processes = p.processes.map((x) => `${x.pid} with ${sizeText(x.memoryBytes)}`);
  return (
    <Section title="About">
      {p.lastError !== "" && (
        <p class="failed" role="alert">
          {visible(p.lastError)}
        </p>
      )}
      <Facts
        of={[
          ["state", <PluginBadge key="" state={p.state} />],
          ["file", visible(p.file)],
          ["sha256", <code key="">{p.sha256 || "-"}</code>],
          ["loaded", <Moment key="" at={p.loadedAt} />],
          ["processes", processes.join(", ") || "none"],
          ["restarts", countText(p.restarts)],
          [
            "confinement",
            p.missingProtections.length > 0
              ? `missing: ${p.missingProtections.map(visible).join(", ")}`
              : undefined,
          ],
        ]}
      />
      <h3>Tasks</h3>
      {p.tasks.length === 0 ? (
        <p class="none">It has none now.</p>
      ) : (
        <ul class="names">
          {p.tasks.map((t) => (
            <li key={t}>
              <a href={address(["tasks", t])}>{visible(t)}</a>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Lines({ found }: { found: GetPluginResponse }) {
  return (
    <Section title="Log">
      {found.valuesHidden && <p class="none">Lines are not shown to viewers.</p>}
      {!found.valuesHidden && found.lines.length === 0 && (
        <p class="none">Its processes have written nothing.</p>
      )}
      {found.linesLeftOut > 0n && (
        <p class="none">{plural(found.linesLeftOut, "older line")} not kept.</p>
      )}
      {found.lines.length > 0 && (
        <pre class="lines">
          {found.lines.map((line, i) => (
            <span key={i}>
              <Moment at={line.time} /> {visible(line.text)}
              {"\n"}
            </span>
          ))}
        </pre>
      )}
    </Section>
  );
}
