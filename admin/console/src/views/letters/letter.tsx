import type { Any } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import { address, go } from "../../address/route";
import type { GetDeadLetterResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { letterEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { may, who } from "../../rpc/who";
import { durationText } from "../../text/duration";
import { countText, plural, sizeText } from "../../text/number";
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
  const answer = useCall((signal) => admin.getDeadLetter({ id: name }, { signal }), [name]);
  useEvents(letterEvents, (event) => event.execution?.id === name && answer.again(), answer.again);
  return (
    <Page title={idText(name)} actions={answer.data && !answer.error && <Steer id={name} />}>
      <Answered answer={answer} busy="Asking for the dead letter …">
        {(found) => (
          <>
            <About found={found} />
            <Arguments key={name} id={name} found={found} />
          </>
        )}
      </Answered>
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
          ["node", idText(x.nodeId)],
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

/** What it was called with; asked for by a click, since the audit has a line for it. */
function Arguments({ id, found }: { id: string; found: GetDeadLetterResponse }) {
  const { busy, act } = useAct();
  const [shown, setShown] = useState<readonly Any[]>();
  const letter = found.deadLetter;
  const show = async () => {
    setShown((await admin.getDeadLetter({ id, arguments: true })).arguments);
  };
  return (
    <Section title="Arguments">
      <p class="none">
        {plural(letter?.arguments ?? 0, "argument")}, {sizeText(letter?.argumentBytes ?? 0n)}
        {!who.value?.argumentsKept &&
          ". A server shows them if it is started with --keep-arguments."}
        {who.value?.valuesHidden && ". They are hidden from viewers here."}
      </p>
      {!shown && who.value?.argumentsKept && !who.value.valuesHidden && (
        <p class="actions">
          <button
            type="button"
            disabled={busy}
            onClick={() => act("The arguments can't be shown", show)}
          >
            {busy ? "Asking for the arguments …" : "Show the arguments"}
          </button>
          <span class="none">The audit notes who has looked.</span>
        </p>
      )}
      {shown && (
        <ol class="arguments">
          {shown.map((a, i) => (
            <li key={i}>
              <ValueView value={unpack(a)} />
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
}
