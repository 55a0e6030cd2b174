import { useState } from "preact/hooks";
import type { Execution, GetExecutionResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { visible } from "../../text/visible";
import { Copy } from "../../ui/copy";
import { Section } from "../../ui/page";
import { unpack } from "../../value/any";
import { asCommand, asGrpcurl, type Call } from "./call";
import { asGo } from "./go";

const ways = [
  { name: "task-scheduler", what: "The command", write: asCommand },
  { name: "grpcurl", what: "The command", write: asGrpcurl },
  { name: "Go", what: "The code", write: asGo },
] as const;

/** How to call the task again from elsewhere, to be copied. */
export function Elsewhere(props: {
  run: Execution;
  nodeId: string;
  known: GetExecutionResponse | undefined;
}) {
  const [way, setWay] = useState<(typeof ways)[number]>(ways[0]);
  const call: Call = {
    server: serverOf(props.nodeId),
    method: props.run.method,
    args: props.known?.argumentValuesKept
      ? props.known.argumentValues.map((a) => unpack(a))
      : undefined,
    labels: props.run.labels,
    detached: props.run.detached,
  };
  const code = way.write(call);
  return (
    <Section
      title="Call it from elsewhere"
      actions={
        <>
          <fieldset class="toggles">
            <legend class="unseen">as</legend>
            {ways.map((w) => (
              <button key={w.name} type="button" aria-pressed={w === way} onClick={() => setWay(w)}>
                {w.name}
              </button>
            ))}
          </fieldset>
          {code !== undefined && (
            <Copy text={() => code} what={way.what}>
              Copy
            </Copy>
          )}
        </>
      }
    >
      {code === undefined ? (
        <p class="none">No command line can carry a text with \x00 in it: grpcurl and Go can.</p>
      ) : (
        <pre class="text">{visible(code)}</pre>
      )}
      {!call.args && (
        <p class="none">Its arguments are not in it: show them above, where they are kept.</p>
      )}
    </Section>
  );
}

/** The clients' port of a node, which is what it is called by unless it was given a name. */
function serverOf(nodeId: string): string {
  return /^(\[[^\]]+\]|[\w.-]+):\d+$/.test(nodeId) ? nodeId : "127.0.0.1:50051";
}
