import { EventKind, type GetStatusResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useBusy } from "../../rpc/use-busy";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { durationText } from "../../text/duration";
import { countText, plural, sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { Badge } from "../../ui/badge";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { Methods } from "./methods";
import { Nodes } from "./nodes";
import { Streams } from "./streams";

const kinds = [EventKind.DRAINING, EventKind.RESUMED, EventKind.LOG_LEVEL_CHANGED];

/** The nodes, what they keep and can run; each can be drained, and take tasks again. */
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
    <Page title="Cluster">
      <Answered answer={nodes} busy="Asking for the nodes …">
        {(found) => (
          <>
            <Nodes found={found} changed={again} />
            <Methods nodes={found.nodes} />
            <Streams found={found} />
          </>
        )}
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
          ["tasks", `${countText(s.tasks)}, with those of ${plural(s.plugins, "plugin")}`],
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
