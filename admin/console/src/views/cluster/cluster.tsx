import { useState } from "preact/hooks";
import { EventKind, type GetStatusResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useBusy } from "../../rpc/use-busy";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { may } from "../../rpc/who";
import { durationText } from "../../text/duration";
import { countText, plural, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Badge } from "../../ui/badge";
import { Confirm } from "../../ui/confirm";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { say } from "../../ui/notice";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { Nodes } from "./nodes";

const kinds = [EventKind.DRAINING, EventKind.RESUMED, EventKind.LOG_LEVEL_CHANGED];

/** The nodes; this one can be drained, and take tasks again. */
export function Cluster() {
  const status = useCall((signal) => admin.getStatus({}, { signal }));
  const nodes = useCall((signal) => admin.listNodes({}, { signal }));
  const again = () => {
    status.again();
    nodes.again();
  };
  useEvents(kinds, again, again);
  useBusy(again);
  return (
    <Page title="Cluster" actions={status.data && <Steer status={status.data} changed={again} />}>
      <Answered answer={nodes} busy="Asking for the nodes …">
        {(found) => <Nodes nodes={found.nodes} />}
      </Answered>
      <Answered answer={status} busy="Asking the server how it is …">
        {(s) => (
          <>
            <Node status={s} />
            <Limits limits={s.limits} />
          </>
        )}
      </Answered>
    </Page>
  );
}

function Node({ status: s }: { status: GetStatusResponse }) {
  return (
    <Section title={`This node, ${visible(s.nodeId)}`}>
      <Facts
        of={[
          [
            "state",
            <Badge key="" tone={s.draining ? "warn" : "good"}>
              {s.draining ? "draining" : "serving"}
            </Badge>,
          ],
          ["version", visible(s.version)],
          ["started", <Moment key="" at={s.startedAt} />],
          ["up", durationText(s.uptime)],
          ["running", countText(s.runningTasks)],
          ["pending", countText(s.pendingTasks)],
          ["overdue", countText(s.overdueTasks)],
          ["memory", sizeText(s.memoryBytes)],
          ["tasks", `${countText(s.tasks)}, of ${plural(s.plugins, "plugin")}`],
          ["log level", s.logLevel],
        ]}
      />
    </Section>
  );
}

function Limits({ limits }: { limits: Record<string, string> }) {
  const all = Object.entries(limits).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Section title="Limits in force">
      <dl class="limits">
        {all.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

function Steer({ status, changed }: { status: GetStatusResponse; changed: () => void }) {
  const { busy, act } = useAct();
  const [asked, setAsked] = useState(false);
  const drain = async () => {
    const { left } = await admin.drain({});
    changed();
    say(`The node drains; ${plural(left, "task")} not ended.`);
  };
  const resume = async () => {
    await admin.resume({});
    changed();
    say("The node takes new tasks again.");
  };
  if (status.draining) {
    return may("Resume") ? (
      <button type="button" disabled={busy} onClick={() => act("It can't resume", resume)}>
        {busy ? "Resuming …" : "Resume"}
      </button>
    ) : null;
  }
  return may("Drain") ? (
    <>
      <button type="button" class="danger" disabled={busy} onClick={() => setAsked(true)}>
        Drain
      </button>
      {asked && (
        <Confirm
          title="Drain this node?"
          action="Drain the node"
          run={() => act("It can't be drained", drain)}
          close={() => setAsked(false)}
        >
          <p>
            It refuses new tasks and its health checks say so; those that it has go on. Resume ends
            that.
          </p>
        </Confirm>
      )}
    </>
  ) : null;
}
