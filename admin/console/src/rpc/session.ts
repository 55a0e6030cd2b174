import { signal } from "@preact/signals";

/** Whether the server wants to know who this is before it answers. */
export const tokenWanted = signal(false);

/** Counts up with every sign-in and sign-out: what was asked before is asked again. */
export const session = signal(0);

/**
 * Exchanges a token for a session, which a cookie stands for that no script can read.
 * Returns why the server refuses, or nothing.
 */
export async function signIn(token: string): Promise<string> {
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: token.trim() }),
  }).catch(() => undefined);
  if (!answer) return "The server can't be reached.";
  if (answer.status === 401) return "The server doesn't know this token.";
  if (answer.status === 429) {
    const wait = answer.headers.get("Retry-After") ?? "some";
    return `Too many wrong tokens came from your address: try again in ${wait} s.`;
  }
  if (!answer.ok) return (await answer.text()).trim();
  tokenWanted.value = false;
  session.value++;
  return "";
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await fetch("/session", { method: "DELETE" });
  tokenWanted.value = true;
  session.value++;
}
