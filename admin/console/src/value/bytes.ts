/** How bytes are written. */
export type Coding = "text" | "hex" | "base64";

export const codings: readonly Coding[] = ["text", "hex", "base64"];

/** Bytes in hexadecimal, two digits each. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Bytes in base64, as the command line's b64: has them. */
export function base64Text(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** The text that bytes are in UTF-8; undefined when they are none. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Reads what was typed; an error says what is wrong with it. */
export function readBytes(text: string, coding: Coding): Uint8Array {
  switch (coding) {
    case "text":
      return new TextEncoder().encode(text);
    case "hex":
      return readHex(text.replace(/[\s:]/g, ""));
    case "base64":
      return readBase64(text.replace(/\s/g, ""));
  }
}

function readHex(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]*$/.test(text)) throw new Error("want digits 0-9 and a-f");
  if (text.length % 2 !== 0) throw new Error("want two digits for each byte");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function readBase64(text: string): Uint8Array {
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  try {
    return Uint8Array.from(atob(standard), (c) => c.charCodeAt(0));
  } catch {
    throw new Error("not base64");
  }
}

/** What was typed in one coding, in another; the same text when it can't be read. */
export function recode(text: string, from: Coding, to: Coding): string {
  try {
    const bytes = readBytes(text, from);
    if (to === "hex") return hexText(bytes);
    if (to === "base64") return base64Text(bytes);
    return utf8Text(bytes) ?? text;
  } catch {
    return text;
  }
}
