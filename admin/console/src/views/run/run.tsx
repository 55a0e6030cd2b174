import { useState } from "preact/hooks";
import { address } from "../../address/route";
import {
  ExecutionState,
  type GetExecutionResponse,
} from "../../gen/taskscheduler/admin/v1/admin_pb";
import { percentText } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { ended } from "../../text/words";
import { Page, Section } from "../../ui/page";
import { Busy, Failed } from "../../ui/state";
import { Actions } from "./actions";
import { Elsewhere } from "./again";
import { Details } from "./details";
import { Graph } from "./graph";
import { Log } from "./log";
import { TimeLine } from "./timeline";
import { useRun } from "./use-run";
import { Arguments, Result } from "./values";

/** All that is known of one run, as it goes on. */
export function Run({ name }: { name: string }) {
  const { details, lines, line } = useRun(name);
  const [known, setKnown] = useState<GetExecutionResponse>();
  const x = details?.execution;
  if (!details || !x) {
    return (
      <Page title={idText(name)}>
        {line.error ? (
          <>
            <Failed error={line.error} />
            <p>
              <a href={address(["runs"], new URLSearchParams({ id: name }))}>
                See runs whose ids begin so
              </a>
            </p>
          </>
        ) : (
          <Busy>Asking for the run …</Busy>
        )}
      </Page>
    );
  }
  const over = ended(x.state);
  return (
    <Page
      title={idText(x.id)}
      heading={<span class="mono">{idText(x.id)}</span>}
      actions={<Actions run={x} />}
    >
      {x.code !== "" && (
        <div class={x.state === ExecutionState.CANCELLED ? "failed soft" : "failed"}>
          <p class="text">
            <b>{x.code}</b> {visible(x.message)}
          </p>
        </div>
      )}
      <Section title="Run">
        <Details details={details} />
        {x.progress && (
          <label class="progress">
            <progress max={1} value={x.progress.fraction} />
            <span>
              {percentText(x.progress.fraction)} {visible(x.progress.note)}
            </span>
          </label>
        )}
        <TimeLine details={details} />
      </Section>
      <Graph run={x} dependencies={details.dependencies} dependents={details.dependents} />
      <Arguments id={x.id} known={known} set={setKnown} />
      <Result id={x.id} details={details} />
      <Log
        lines={lines}
        leftOut={details.linesLeftOut}
        goesOn={!over}
        hidden={details.valuesHidden}
      />
      <Elsewhere run={x} nodeId={details.nodeId} known={known} />
    </Page>
  );
}
