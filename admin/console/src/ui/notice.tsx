import { signal } from "@preact/signals";
import { errorText } from "../text/code";

interface Notice {
  number: number;
  text: string;
  bad: boolean;
}

const notices = signal<readonly Notice[]>([]);
const lifetime = 8000; // ms
let count = 0;

/** Says what has been done; it goes by itself. */
export function say(text: string): void {
  show(text, false);
}

/** Says what could not be done, and why; it stays until it is closed. */
export function complain(what: string, error: unknown): void {
  show(`${what}: ${errorText(error)}`, true);
}

function show(text: string, bad: boolean): void {
  const notice = { number: ++count, text, bad };
  notices.value = [...notices.value.slice(-4), notice];
  if (!bad) setTimeout(() => close(notice.number), lifetime);
}

function close(number: number): void {
  notices.value = notices.value.filter((n) => n.number !== number);
}

/** Where notices appear; screen readers read each as it comes. */
export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map((n) => (
        <p key={n.number} class={n.bad ? "notice bad" : "notice"}>
          <span>{n.text}</span>
          <button type="button" class="quiet" onClick={() => close(n.number)}>
            Close
          </button>
        </p>
      ))}
    </div>
  );
}
