import { Code, type ConnectError } from "@connectrpc/connect";
import type { ComponentChildren } from "preact";
import type { Answer } from "../rpc/use-call";
import { codeText } from "../text/code";
import { visible } from "../text/visible";

/** Says that something is on its way; never without words. */
export function Busy({ children = "Loading …" }: { children?: ComponentChildren }) {
  return (
    <p class="busy" role="status">
      {children}
    </p>
  );
}

/** Says that there is nothing, and why, or what to do for there to be something. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** Says what went wrong, in the server's words, and offers to try again where that may help. */
export function Failed({
  error,
  again,
}: {
  error: ConnectError;
  again?: (() => void) | undefined;
}) {
  return (
    <div class="failed" role="alert">
      <p>
        <b>{codeText(error.code)}</b> {visible(error.rawMessage)}
      </p>
      {again && error.code !== Code.PermissionDenied && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What a call has answered, or that it is on its way, or why it failed. */
export function Answered<T>(props: {
  answer: Answer<T>;
  busy?: string;
  children: (data: T) => ComponentChildren;
}) {
  const { data, error, again } = props.answer;
  return (
    <>
      {error && <Failed error={error} again={again} />}
      {data !== undefined ? props.children(data) : !error && <Busy>{props.busy}</Busy>}
    </>
  );
}
