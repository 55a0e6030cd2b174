import { useEffect, useRef, useState } from "preact/hooks";
import {
  type Arguments,
  argumentsText,
  blankArguments,
  fillArguments,
  readArguments,
  readArgumentsText,
  unknown,
} from "../../form/arguments";
import { More } from "../../form/more";
import { noOptions, readOptions } from "../../form/options";
import { Parameters } from "../../form/parameters";
import { sameParameters } from "../../form/signature";
import type { Signature } from "../../gen/taskscheduler/admin/v1/signature_pb";
import { admin } from "../../rpc/client";
import { errorText } from "../../text/code";
import { Section } from "../../ui/page";
import { pack } from "../../value/any";
import type { Value } from "../../value/value";
import { Outcome } from "./outcome";

/** A form that runs a task with arguments that are typed by its signature, or as JSON. */
export function Runner(props: { method: string; signature: Signature | undefined }) {
  const signature = props.signature ?? unknown;
  const [given, setGiven] = useState<Arguments>(() => blankArguments(signature));
  const [text, setText] = useState<string>();
  const [options, setOptions] = useState(noOptions);
  const [strict, setStrict] = useState(false);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const [ids, setIds] = useState<readonly string[]>([]);
  const shown = useRef(signature);
  useEffect(() => {
    // Another version of the plugin: what was typed stays if it fits that, too.
    if (!sameParameters(shown.current, signature)) setGiven(blankArguments(signature));
    shown.current = signature;
  }, [signature]);
  const values = () =>
    text === undefined ? readArguments(given) : readArgumentsText(text, signature);
  const say = (error: unknown) => setWrong(error instanceof Error ? error.message : String(error));
  const run = async (dryRun: boolean) => {
    setWrong("");
    setStrict(true);
    let request: { arguments: ReturnType<typeof pack>[] } & ReturnType<typeof readOptions>;
    try {
      request = { arguments: values().map(pack), ...readOptions(options, Date.now()) };
    } catch (error) {
      say(error);
      return;
    }
    setBusy(true);
    try {
      const { id } = await admin.runTask({ method: props.method, dryRun, ...request });
      setStrict(false);
      if (id) setIds((old) => [id, ...old.filter((x) => x !== id)].slice(0, 5));
    } catch (error) {
      setWrong(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  const swap = () => {
    setWrong("");
    if (text === undefined) {
      setText(argumentsText(attempt(() => readArguments(given)) ?? []));
      return;
    }
    try {
      if (text.trim() !== "" && text.trim() !== "[]") {
        setGiven(fillArguments(readArgumentsText(text, signature), signature));
      }
      setText(undefined);
    } catch (error) {
      say(error);
    }
  };
  return (
    <Section
      title="Run it"
      actions={
        <button type="button" class="quiet" onClick={swap}>
          {text === undefined ? "Type JSON instead" : "Back to the form"}
        </button>
      }
    >
      <form
        class="runner"
        aria-label={`Run ${props.method}`}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) run(false);
        }}
      >
        {text === undefined ? (
          <Parameters given={given} change={setGiven} strict={strict} />
        ) : (
          <JSONText text={text} change={setText} />
        )}
        <More options={options} change={setOptions} />
        {wrong !== "" && (
          <p class="failed" role="alert">
            {wrong}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="main" disabled={busy}>
            {busy ? "Submitting …" : "Run"}
          </button>
        </div>
      </form>
      {ids.map((id) => (
        <Outcome key={id} id={id} />
      ))}
    </Section>
  );
}

function JSONText({ text, change }: { text: string; change: (text: string) => void }) {
  return (
    <label>
      arguments, as a JSON list; strings may be typed: "i64:5", "f64:inf", "b64:aGk="
      <textarea
        class="mono"
        rows={Math.max(4, Math.min(20, text.split("\n").length))}
        value={text}
        spellcheck={false}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}

function attempt(read: () => Value[]): Value[] | undefined {
  try {
    return read();
  } catch {
    return undefined; // What is typed so far isn't whole: one starts with an empty list.
  }
}
