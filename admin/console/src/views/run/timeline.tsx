import type { GetExecutionResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { spanText } from "../../text/duration";
import { ended, stateWord } from "../../text/words";
import { Moment } from "../../ui/moment";
import { now } from "../../ui/now";
import { type Phase, phases } from "./phases";

/** States and attempts along time: a bar, and the same in words. */
export function TimeLine({ details }: { details: GetExecutionResponse }) {
  const parts = phases(details, now.value);
  const whole = parts.reduce((sum, p) => sum + p.to - p.from, 0);
  const attempts = parts.filter((p) => p.what === "ran").length;
  const x = details.execution;
  return (
    <>
      <div class="timeline" role="img" aria-label={parts.map((p) => words(p, attempts)).join(", ")}>
        {parts.map((p) => (
          <span
            key={`${p.what} ${p.attempt}`}
            class={`phase ${p.what.replace(" ", "-")}`}
            style={{ flexGrow: whole > 0 ? (p.to - p.from) / whole : 1 }}
            title={words(p, attempts)}
          />
        ))}
      </div>
      <ol class="phases">
        {parts.map((p) => (
          <li key={`${p.what} ${p.attempt}`}>
            <span class={`mark ${p.what.replace(" ", "-")}`} />
            {words(p, attempts)}
          </li>
        ))}
        {x && ended(x.state) && (
          <li>
            <span class={`mark end-${stateWord(x.state)}`} />
            {stateWord(x.state)} <Moment at={x.endedAt} />
          </li>
        )}
        {x?.dueAt && (
          <li>
            due <Moment at={x.dueAt} ago />
          </li>
        )}
      </ol>
    </>
  );
}

function words(p: Phase, attempts: number): string {
  const span = spanText(Math.round((p.to - p.from) * 1e6));
  const verb = p.open
    ? { waited: "waits", ran: "runs", "backed off": "backs off" }[p.what]
    : p.what;
  const which = p.what === "ran" && attempts > 1 ? `attempt ${p.attempt} ` : "";
  return p.open ? `${which}${verb} for ${span} so far` : `${which}${verb} ${span}`;
}
