import { Code, ConnectError } from "@connectrpc/connect";
import { visible } from "./visible";

/** A code as gRPC writes it: INVALID_ARGUMENT. */
export function codeText(code: Code): string {
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** An error of the page's own: its message is a sentence. */
export class Sentence extends Error {}

/** What an error says, with its code, for people: what the command line prints. */
export function errorText(error: unknown): string {
  if (error instanceof Sentence) return error.message;
  const e = ConnectError.from(error);
  return `${codeText(e.code)}: ${visible(e.rawMessage)}`;
}
