import type { Any } from "@bufbuild/protobuf/wkt";
import type { GetExecutionResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { ExecutionState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { who } from "../../rpc/who";
import { visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Section } from "../../ui/page";
import { Answered } from "../../ui/state";
import { unpack } from "../../value/any";
import { ValueView } from "../../value/view";

/** What a run was called with; asked for by a click, since the audit has a line for it. */
export function Arguments(props: {
  id: string;
  known: GetExecutionResponse | undefined;
  set: (answer: GetExecutionResponse) => void;
}) {
  const { busy, act } = useAct();
  const { known } = props;
  return (
    <Section title="Arguments">
      {known ? (
        <Shown answer={known} />
      ) : who.value?.valuesHidden ? (
        <p class="none">Arguments are hidden from viewers here.</p>
      ) : who.value && !who.value.argumentsKept ? (
        <p class="none">
          This server doesn't keep what tasks are called with. With <code>--keep-arguments</code> it
          does.
        </p>
      ) : (
        <p class="actions">
          <button
            type="button"
            disabled={busy}
            onClick={() =>
              act("The arguments can't be shown", async () => {
                props.set(await admin.getExecution({ id: props.id, arguments: true }));
              })
            }
          >
            {busy ? "Asking for the arguments …" : "Show the arguments"}
          </button>
          <span class="none">The audit notes who has looked.</span>
        </p>
      )}
    </Section>
  );
}

function Shown({ answer }: { answer: GetExecutionResponse }) {
  if (answer.argumentValuesKept || answer.argumentValues.length > 0) {
    if (answer.argumentValues.length === 0) return <p class="none">It has none.</p>;
    return (
      <ol class="arguments">
        {answer.argumentValues.map((value, i) => (
          <li key={i}>
            <One value={value} />
          </li>
        ))}
      </ol>
    );
  }
  if (answer.arguments === undefined) return <p class="none">They are not kept any more.</p>;
  return <pre class="text">{visible(answer.arguments)}</pre>;
}

/** What a run has returned, as long as it is kept. */
export function Result({ id, details }: { id: string; details: GetExecutionResponse }) {
  if (details.execution?.state !== ExecutionState.SUCCEEDED) return null;
  return (
    <Section title="Result">
      {details.valuesHidden ? (
        <p class="none">Results are hidden from viewers here.</p>
      ) : (
        <Kept id={id} />
      )}
    </Section>
  );
}

function Kept({ id }: { id: string }) {
  const answer = useCall((signal) => admin.getExecution({ id, result: true }, { signal }), [id]);
  return (
    <Answered answer={answer} busy="Asking for the result …">
      {({ result }) =>
        result ? <One value={result} /> : <p class="none">It is not kept any more.</p>
      }
    </Answered>
  );
}

function One({ value }: { value: Any }) {
  return <ValueView value={unpack(value)} />;
}
