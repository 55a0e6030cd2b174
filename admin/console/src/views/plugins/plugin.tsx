import { Code } from "@connectrpc/connect";
import { address } from "../../address/route";
import type { GetPluginResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents, useSoon } from "../../rpc/use-events";
import { countText, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { PluginBadge } from "../../ui/badge";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { Log } from "../run/log";
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
            <Log
              lines={found.lines}
              leftOut={found.linesLeftOut}
              goesOn={true}
              hidden={found.valuesHidden}
            />
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
          ["sha-256", <code key="">{p.sha256 || "-"}</code>],
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
