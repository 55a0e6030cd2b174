import { address } from "../../address/route";
import type { GetExecutionResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { durationText } from "../../text/duration";
import { idText, visible } from "../../text/visible";
import { ended } from "../../text/words";
import { StateBadge } from "../../ui/badge";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";

/** What is known of a run, in the words of `task-scheduler admin execution`. */
export function Details({ details }: { details: GetExecutionResponse }) {
  const x = details.execution;
  if (!x) return null;
  const labels = Object.entries(x.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Facts
      of={[
        ["state", <StateBadge key="" state={x.state} overdue={x.overdue} />],
        [
          "method",
          <a key="" href={address(["tasks", x.method])}>
            {visible(x.method)}
          </a>,
        ],
        ["submitted", <Moment key="" at={x.submittedAt} />],
        ["ran", x.startedAt && ended(x.state) ? durationText(x.duration) : undefined],
        ["attempt", x.maxAttempts > 1 ? `${x.attempt} of ${x.maxAttempts}` : String(x.attempt)],
        ["detached", x.detached ? "yes" : "no"],
        ["caller", visible(details.caller) || "-"],
        ["node", visible(details.nodeId)],
        ["source", visible(details.source) || "-"],
        [
          "plugin",
          x.plugin ? (
            <a key="" href={address(["plugins", x.plugin])}>
              {visible(x.plugin)}
            </a>
          ) : undefined,
        ],
        ["sha-256", details.pluginSha256 ? <code key="">{details.pluginSha256}</code> : undefined],
        [
          "retry of",
          x.retryOf ? (
            <a key="" href={address(["runs", x.retryOf])}>
              {idText(x.retryOf)}
            </a>
          ) : undefined,
        ],
        [
          "labels",
          labels.length > 0 ? (
            <span key="" class="labels">
              {labels.map(([key, value]) => (
                <a
                  key={key}
                  href={address(["runs"], new URLSearchParams({ label: `${key}=${value}` }))}
                >
                  {visible(`${key}=${value}`)}
                </a>
              ))}
            </span>
          ) : undefined,
        ],
      ]}
    />
  );
}
