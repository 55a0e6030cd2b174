import { signOut } from "../rpc/session";
import { roleWord, who } from "../rpc/who";
import { Moment } from "../ui/moment";
import { complain } from "../ui/notice";

/** Who the reader is to the server, and the way out where there is a session. */
export function Account() {
  const data = who.value;
  if (!data || data.name === "") return null;
  return (
    <details class="account">
      <summary>
        {data.name}
        <span class="account-role">, {roleWord(data.role)}</span>
      </summary>
      <div class="account-card">
        <p>
          {roleWord(data.role)}, from {data.peer}
        </p>
        {data.sessionEndsAt && (
          <>
            <p>
              The session ends <Moment at={data.sessionEndsAt} ago />.
            </p>
            <button
              type="button"
              onClick={() => signOut().catch((e) => complain("Signing out has failed", e))}
            >
              Sign out
            </button>
          </>
        )}
      </div>
    </details>
  );
}
