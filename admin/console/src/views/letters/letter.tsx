import { useState } from "preact/hooks";
import { address, go } from "../../address/route";
import type { GetDeadLetterResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { letterEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { may, who } from "../../rpc/who";
import { durationText } from "../../text/duration";
import { countText, sizeText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { say } from "../../ui/notice";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { unpack } from "../../value/any";
import { ValueView } from "../../value/view";
import { offer } from "./undo";

/** One dead letter: all that it takes to run it again. */
export function Letter({ name }: { name: string }) {
  const whole = (who.value?.argumentsKept && !who.value.valuesHidden) ?? false;
  const answer = useCall(
    (signal) => admin.getDeadLetter({ id: name, arguments: whole }, { signal }),
    [name, whole],
  );
  useEvents(letterEvents, (event) => event.execution?.id === name && answer.again(), answer.again);
  return (
    <Page title={idText(name)} actions={answer.data && !answer.error && <Steer id={name} />}>
      <Answered answer={answer} busy="Asking for the dead letter …">
        {(found) => <About found={found} />}
      </Answered>
      {answer.data && <Arguments found={answer.data} whole={whole} />}
    </Page>
  );
}

function Steer({ id }: { id: string }) {
  const { busy, act } = useAct();
  const [gone, setGone] = useState(false);
  const retry = async () => {
    const { deadLetters, reason } = await admin.retryDeadLetters({ filter: { ids: [id] } });
    const [again] = deadLetters;
    if (!again) throw new Error(reason || "it is no dead letter any more");
    say(`It runs again, as ${idText(again.newId)}.`);
    go(address(["runs", again.newId]));
  };
  const drop = async () => {
    offer(await admin.dropDeadLetters({ filter: { ids: [id] } }));
    setGone(true);
    go(address(["letters"]));
  };
  return (
    <>
      {may("RetryDeadLetters") && (
        <button
          type="button"
          disabled={busy || gone}
          onClick={() => act("It isn't retried", retry)}
        >
          Retry
        </button>
      )}
      {may("DropDeadLetters") && (
        <button
          type="button"
          class="danger"
          disabled={busy || gone}
          onClick={() => act("It isn't dropped", drop)}
        >
          Drop
        </button>
      )}
    </>
  );
}

function About({ found }: { found: GetDeadLetterResponse }) {
  const letter = found.deadLetter;
  const x = letter?.execution;
  if (!x) return null;
  const backoff = `${durationText(found.initialBackoff)}, times ${found.multiplier}, up to ${durationText(found.maxBackoff)}`;
  return (
    <Section title="Dead letter">
      <p class="failed">
        <b>{x.code}</b> {visible(x.message)}
      </p>
      <Facts
        of={[
          [
            "method",
            <a key="" href={address(["tasks", x.method])}>
              {visible(x.method)}
            </a>,
          ],
          [
            "run",
            <a key="" href={address(["runs", x.id])}>
              {idText(x.id)}
            </a>,
          ],
          ["attempts", countText(x.attempt)],
          ["submitted", <Moment key="" at={x.submittedAt} />],
          ["last start", <Moment key="" at={x.startedAt} />],
          ["ended", <Moment key="" at={x.endedAt} />],
          ["backoff", backoff],
          ["retry codes", found.codes.join(", ") || "-"],
          ["timeout", found.executionTimeout && durationText(found.executionTimeout)],
          ["retry of", x.retryOf ? idText(x.retryOf) : undefined],
          ...Object.entries(x.labels).map(
            ([key, value]) => [`label ${visible(key)}`, visible(value)] as const,
          ),
        ]}
      />
    </Section>
  );
}

function Arguments({ found, whole }: { found: GetDeadLetterResponse; whole: boolean }) {
  const letter = found.deadLetter;
  if (!letter) return null;
  return (
    <Section title="Arguments">
      {!whole && (
        <p class="none">
          {countText(letter.arguments)}, {sizeText(letter.argumentBytes)}. A server shows them if it
          is started with --keep-arguments, to those who may see values.
        </p>
      )}
      {found.arguments.map((a, i) => (
        <ValueView key={i} value={unpack(a)} />
      ))}
      {whole && found.arguments.length === 0 && <p class="none">It was called without any.</p>}
    </Section>
  );
}
