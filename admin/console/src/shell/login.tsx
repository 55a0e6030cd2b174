import { useEffect, useRef, useState } from "preact/hooks";
import { signIn } from "../rpc/session";

/** Asks for a token, where the server wants one. */
export function Login() {
  const [token, setToken] = useState("");
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
  }, []);
  return (
    <main class="login">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (busy || token.trim() === "") return;
          setBusy(true);
          signIn(token).then((reason) => {
            setRefused(reason);
            setBusy(false);
          });
        }}
      >
        <h1>Task Scheduler</h1>
        <p>This server answers operators who show their token.</p>
        <label>
          Token
          <input
            ref={field}
            type="password"
            autocomplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
            aria-describedby={refused ? "refused" : undefined}
          />
        </label>
        {refused && (
          <p id="refused" class="failed" role="alert">
            {refused}
          </p>
        )}
        <button type="submit" class="main" disabled={busy || token.trim() === ""}>
          {busy ? "Signing in …" : "Sign in"}
        </button>
      </form>
    </main>
  );
}
