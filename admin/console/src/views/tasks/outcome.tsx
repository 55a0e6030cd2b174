import { useState } from "preact/hooks";
import { address } from "../../address/route";
import {
  EventKind,
  ExecutionState,
  type GetExecutionResponse,
  type WatchEventsResponse,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { useStream } from "../../rpc/use-stream";
import { durationText } from "../../text/duration";
import { percentText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { ended } from "../../text/words";
import { StateBadge } from "../../ui/badge";
import { Answered, Busy, Failed } from "../../ui/state";
import { unpack } from "../../value/any";
import { ValueView } from "../../value/view";

/** What becomes of a run, as it happens: state, progress, the newest lines, result. */
export function Outcome({ id }: { id: string }) {
  const answer = useCall((signal) => admin.getExecution({ id }, { signal }), [id]);
  const [news, setNews] = useState<WatchEventsResponse>();
  const known = answer.data;
  const over = known?.execution !== undefined && ended(known.execution.state);
  return (
    <article class="outcome" aria-label={`Run ${visible(id)}`}>
      <header>
        <a class="mono" href={address(["runs", id])}>
          {idText(id)}
        </a>
        {known?.execution && <StateBadge state={known.execution.state} />}
        {over && <span class="none">{durationText(known?.execution?.duration)}</span>}
      </header>
      {!over && <Follow id={id} take={setNews} changed={answer.again} />}
      {!over && <Meanwhile news={news} known={known} />}
      {answer.error && <Failed error={answer.error} again={answer.again} />}
      {known && <Said known={known} />}
      {known?.execution?.state === ExecutionState.SUCCEEDED && <Result id={id} />}
    </article>
  );
}

/** Hears of one run, for as long as it hasn't ended. */
function Follow(props: {
  id: string;
  take: (event: WatchEventsResponse) => void;
  changed: () => void;
}) {
  const kinds = [EventKind.TASK_ENDED, EventKind.TASK_PROGRESS, EventKind.TASK_LOGGED];
  useStream({
    open: (signal, opened) => admin.watchEvents({ kinds }, { signal, onHeader: opened }),
    take: (event: WatchEventsResponse) => {
      if (event.missed > 0n) props.changed();
      if (event.execution?.id !== props.id) return;
      props.take(event);
      if (event.kind !== EventKind.TASK_PROGRESS) props.changed();
    },
    opened: props.changed,
  });
  return null;
}

function Meanwhile(props: {
  news: WatchEventsResponse | undefined;
  known: GetExecutionResponse | undefined;
}) {
  const progress = props.news?.execution?.progress ?? props.known?.execution?.progress;
  if (!progress) return <Busy>It has not ended yet …</Busy>;
  return (
    <p class="progress">
      <progress max={1} value={progress.fraction} aria-label="Progress" />
      <span>
        {percentText(progress.fraction)} {visible(progress.note)}
      </span>
    </p>
  );
}

function Said({ known }: { known: GetExecutionResponse }) {
  const x = known.execution;
  return (
    <>
      {x?.code && (
        <p class="failed">
          <b>{x.code}</b> {visible(x.message)}
        </p>
      )}
      {known.lines.length > 0 && (
        <pre class="lines">{known.lines.map((line) => visible(line.text)).join("\n")}</pre>
      )}
    </>
  );
}

/** What it has returned; asked for once, since the audit has a line for it. */
function Result({ id }: { id: string }) {
  const answer = useCall((signal) => admin.getExecution({ id, result: true }, { signal }), [id]);
  return (
    <Answered answer={answer} busy="Asking for the result …">
      {({ result, valuesHidden }) =>
        result ? (
          <ValueView value={unpack(result)} />
        ) : (
          <p class="none">
            {valuesHidden ? "The result is hidden from viewers here." : "The result isn't kept."}
          </p>
        )
      }
    </Answered>
  );
}
