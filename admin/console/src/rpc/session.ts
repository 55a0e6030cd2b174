import { signal } from "@preact/signals";

/** Whether the server wants to know who this is before it answers. */
export const tokenWanted = signal(false);

/** Counts up with every sign-in and sign-out: what was asked before is asked again. */
export const session = signal(0);

let token = "";

/** The header's value that every call carries; undefined when none is needed. */
export function authorization(): string | undefined {
  return token === "" ? undefined : `Bearer ${token}`;
}

/** Takes a token for the calls to come. It is kept in memory alone: a new tab asks again. */
export function signIn(text: string): void {
  token = text.trim();
  tokenWanted.value = false;
  session.value++;
}

/** Forgets the token. */
export function signOut(): void {
  token = "";
  session.value++;
}
