import { Code, ConnectError } from "@connectrpc/connect";

/** A code as gRPC writes it: INVALID_ARGUMENT. */
export function codeText(code: Code): string {
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** What an error says, with its code, for people: what the command line prints. */
export function errorText(error: unknown): string {
  const e = ConnectError.from(error);
  return `${codeText(e.code)}: ${e.rawMessage}`;
}
