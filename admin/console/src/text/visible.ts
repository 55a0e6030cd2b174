// What doesn't show, or moves what stands beside it. Line breaks and tabs are not
// among it: the style sheet decides what becomes of them.
const hidden = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text as what it is: what doesn't show is escaped, as the command line does it. */
export function visible(text: string): string {
  return text.replace(hidden, (c) => {
    const point = c.codePointAt(0) ?? 0;
    return point < 0x100
      ? `\\x${point.toString(16).padStart(2, "0")}`
      : `\\u${point.toString(16).padStart(4, "0")}`;
  });
}

/** An id as the command line shows it: in quotes when it has blanks or what doesn't show. */
export function idText(id: string): string {
  const shown = visible(id);
  if (id !== "" && shown === id && !/[\s"\\\u00a0]/u.test(id)) return id;
  return `"${visible(id.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\t/g, "\\t")).replace(/\u00a0/g, "\\u00a0")}"`;
}
