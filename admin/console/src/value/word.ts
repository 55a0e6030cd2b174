import { base64Text } from "./bytes";
import { decimalText } from "./number";
import { sorted, type Value } from "./value";

const typed = /^(i32|i64|u32|u64|f32|f64|bool|str|bytes|b64):/;
const numeric = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The word of a command line that is a value: `i64:5`, `hello`, `[1,"b64:aGk="]`. */
export function word(v: Value): string {
  if (v.kind === "list" || v.kind === "map") return json(v);
  if (v.kind !== "string") return scalar(v);
  const s = v.value;
  const plain = !typed.test(s) && !numeric.test(s) && !/^(true|false|[[{])/.test(s);
  return plain && s !== "" ? s : `str:${s}`;
}

function scalar(v: Value): string {
  switch (v.kind) {
    case "int64":
      return `i64:${v.value}`;
    case "uint32":
      return `u32:${v.value}`;
    case "uint64":
      return `u64:${v.value}`;
    case "float":
      return `f32:${decimalText(v.value, "float")}`;
    case "double": {
      const text = decimalText(v.value, "double");
      return numeric.test(text) && /[.e]/.test(text) ? text : `f64:${text}`;
    }
    case "bytes":
      return `b64:${base64Text(v.value)}`;
    case "bool":
    case "int32":
      return String(v.value);
    default:
      return "null";
  }
}

/** A value as JSON, as far as JSON has its type, and as typed strings where it has not. */
export function json(v: Value, indent = "", step = ""): string {
  const inner = indent + step;
  const [open, between, close] = step
    ? [`\n${inner}`, `,\n${inner}`, `\n${indent}`]
    : ["", ",", ""];
  switch (v.kind) {
    case "string":
      return JSON.stringify(typed.test(v.value) ? `str:${v.value}` : v.value);
    case "list": {
      if (v.items.length === 0) return "[]";
      const items = v.items.map((item) => json(item, inner, step));
      return `[${open}${items.join(between)}${close}]`;
    }
    case "map": {
      if (v.fields.length === 0) return "{}";
      const colon = step ? ": " : ":";
      const fields = sorted(v.fields).map(
        ([name, field]) => `${JSON.stringify(name)}${colon}${json(field, inner, step)}`,
      );
      return `{${open}${fields.join(between)}${close}}`;
    }
    default: {
      const text = scalar(v);
      return text.includes(":") ? JSON.stringify(text) : text;
    }
  }
}

/** Words as a shell takes them, each in quotes where it needs them. */
export function shell(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

// What is pasted is as if it was typed: a control character would end the line, and the
// rest of a task's text would be a command; others turn what stands beside them. Bash and
// zsh read them escaped. There an exclamation mark may still call up an earlier command.
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (!unseen.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\'!]/gu, (c) => {
    if (c === "\\" || c === "'") return `\\${c}`;
    const point = (c.codePointAt(0) ?? 0).toString(16);
    return point.length > 4 ? `\\U${point.padStart(8, "0")}` : `\\u${point.padStart(4, "0")}`;
  });
  return `$'${escaped}'`;
}
