import { useState } from "preact/hooks";
import { plural, sizeText } from "../text/number";
import { visible } from "../text/visible";
import { base64Text, type Coding, codings, hexText, utf8Text } from "./bytes";
import type { Value } from "./value";
import { word } from "./word";

const many = 50; // items that are shown before one asks for more
const long = 2000; // characters of a text, likewise

/** A value by its type: numbers exactly, bytes as one likes, lists and maps folded. */
export function ValueView({ value, depth = 0 }: { value: Value; depth?: number }) {
  switch (value.kind) {
    case "list":
      return (
        <Folded
          what={plural(value.items.length, "item")}
          type="list"
          depth={depth}
          rows={value.items.map((item, i): [string, Value] => [String(i + 1), item])}
        />
      );
    case "map":
      return (
        <Folded
          what={plural(value.fields.length, "field")}
          type="map"
          depth={depth}
          rows={value.fields}
        />
      );
    case "string":
      return <Text text={value.value} type="string" />;
    case "bytes":
      return <Bytes bytes={value.value} />;
    case "unknown":
      return <span class="value none">a {visible(value.type)}, which this page can't show</span>;
    case "null":
      return <span class="value none">nothing</span>;
    default:
      return (
        <span class="value">
          <code>{"value" in value ? word(value).replace(/^\w+:/, "") : ""}</code>{" "}
          <span class="value-type">{value.kind}</span>
        </span>
      );
  }
}

function Folded(props: { what: string; type: string; depth: number; rows: [string, Value][] }) {
  const [shown, setShown] = useState(many);
  if (props.rows.length === 0) {
    return (
      <span class="value">
        empty <span class="value-type">{props.type}</span>
      </span>
    );
  }
  return (
    <details class="value" open={props.depth < 2 && props.rows.length <= 20}>
      <summary>
        {props.what} <span class="value-type">{props.type}</span>
      </summary>
      <dl class="value-rows">
        {props.rows.slice(0, shown).map(([name, item], i) => (
          <div key={i}>
            <dt>{visible(name)}</dt>
            <dd>
              <ValueView value={item} depth={props.depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
      {props.rows.length > shown && (
        <button type="button" onClick={() => setShown(shown + 10 * many)}>
          Show more of the {props.what}
        </button>
      )}
    </details>
  );
}

function Text({ text, type }: { text: string; type: string }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > long;
  return (
    <span class="value">
      {text === "" ? (
        <span class="none">empty</span>
      ) : (
        <code class="value-text">{visible(cut ? text.slice(0, long) : text)}</code>
      )}{" "}
      {cut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all of {plural(text.length, "character")}
        </button>
      )}
      <span class="value-type">{type}</span>
    </span>
  );
}

function Bytes({ bytes }: { bytes: Uint8Array }) {
  const text = utf8Text(bytes);
  const [coding, setCoding] = useState<Coding>(text !== undefined ? "text" : "hex");
  const shown =
    coding === "hex" ? hexText(bytes) : coding === "base64" ? base64Text(bytes) : (text ?? "");
  return (
    <span class="value">
      <Text key={coding} text={shown} type={`${sizeText(bytes.length)} of bytes`} />
      <span class="choice">
        {codings.map((c) => (
          <button
            key={c}
            type="button"
            aria-pressed={c === coding}
            title={`Show the bytes as ${c}`}
            disabled={c === "text" && text === undefined}
            onClick={() => setCoding(c)}
          >
            {c}
          </button>
        ))}
      </span>
    </span>
  );
}
