import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { ConnectError } from "@connectrpc/connect";
import { batch, signal } from "@preact/signals";
import type { Execution } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { keyOf, merge, ordered, split } from "./book";
import type { Filter } from "./filter";
import { chooses, requestOf } from "./request";

const page = 1000;
const newest = 200; // how many are asked for to see what has begun
const most = 200_000; // runs that are kept; what is older is asked for again

interface Page {
  pageSize?: number;
  pageToken?: string;
  until?: Execution["submittedAt"];
}

/** The moment after another one: a server takes no more nanoseconds than a second has. */
function after(at: Timestamp): Timestamp {
  const nanos = at.nanos + 1;
  return nanos < 1e9 ? { ...at, nanos } : { ...at, seconds: at.seconds + 1n, nanos: 0 };
}

/** The runs that a filter chooses: as many pages as one has scrolled, kept up to date. */
export class Followed {
  readonly rows = signal<readonly Execution[]>([]);
  /** Newer ones, held back while one reads further down. */
  readonly newer = signal<readonly Execution[]>([]);
  readonly error = signal<ConnectError | undefined>(undefined);
  /** Whether there are no older ones. */
  readonly complete = signal(false);
  /** How many there are, as the server has counted last. */
  readonly total = signal(0);
  /** Whether the server has answered once. */
  readonly asked = signal(false);

  /** Nodes that have not answered the last question: theirs are missing. */
  readonly unanswered = signal<readonly string[]>([]);

  private readonly abort = new AbortController();
  private readonly opened = Date.now();
  private came: Execution[] = [];
  private next: Page = {};
  private busy = false;
  private once = false; // another refresh is wanted once it isn't busy
  private paging = false; // it is busy with the next page
  private further = false; // the next page is wanted once it isn't busy with something else
  private stale = false;
  private top = true;

  constructor(private readonly filter: Filter) {}

  /** Asks for the next page, unless that is on its way. */
  async more(): Promise<void> {
    if (this.complete.value || this.error.value) return;
    if (this.busy) {
      // Who is at the end doesn't scroll again, so nobody would ask once more.
      this.further = !this.paging;
      return;
    }
    this.paging = true;
    await this.ask(this.next, (list) => {
      this.rows.value = merge(this.rows.value, list, true);
      return true;
    });
  }

  /** Asks for the newest ones again. */
  async refresh(): Promise<void> {
    if (this.busy) this.once = true;
    if (this.busy || !this.asked.value) return;
    const anew = this.stale && this.top;
    await this.ask({ pageSize: anew ? page : newest }, (list) => {
      if (!anew) {
        this.came.push(...list);
        this.flush();
        return false;
      }
      this.stale = false;
      this.rows.value = list;
      this.newer.value = [];
      return true;
    });
  }

  // take tells whether the list goes on behind what has come.
  private async ask(from: Page, take: (list: Execution[]) => boolean): Promise<void> {
    this.busy = true;
    try {
      const request = {
        ...requestOf(this.filter, this.opened),
        pageSize: page,
        // What is older than a time isn't all.
        count: from.until === undefined && from.pageToken === undefined,
        ...from,
      };
      const answer = await admin.listExecutions(request, { signal: this.abort.signal });
      batch(() => {
        if (take(answer.executions)) this.continueAt(answer.nextPageToken);
        this.asked.value = true;
        this.unanswered.value = answer.unansweredNodes;
        if (request.count) this.total.value = Number(answer.total);
        this.error.value = undefined;
      });
    } catch (error) {
      if (!this.abort.signal.aborted) this.error.value = ConnectError.from(error);
    } finally {
      this.busy = false;
      this.paging = false;
    }
    if (this.further) {
      this.further = false;
      if (!this.complete.value && !this.error.value) return this.more();
    }
    if (!this.once) return;
    this.once = false;
    this.refresh();
  }

  private continueAt(pageToken: string): void {
    this.next = { pageToken };
    this.complete.value = pageToken === "";
  }

  /** Tries again after an error. */
  retry(): void {
    this.error.value = undefined;
    if (this.asked.value) this.refresh();
    this.more(); // which it may have been that failed
  }

  /** Takes news of an execution; it is shown with the next flush. */
  note(x: Execution): void {
    this.came.push(x);
  }

  /** Something may have been missed: the list is asked for anew once one is at its top. */
  doubt(): void {
    this.stale = true;
    this.refresh();
  }

  /** Shows what has come. */
  flush(): void {
    if (this.came.length === 0 || !this.asked.value) return;
    const came = ordered(this.came);
    this.came = [];
    const chosen = came.filter((x) => chooses(this.filter, x, this.opened));
    const { known, newer } = split(this.rows.value, chosen);
    batch(() => {
      this.rows.value = merge(this.without(came, chosen), known, this.complete.value);
      this.newer.value = merge(this.newer.value, newer, true);
      if (this.top) this.showNewer();
    });
  }

  // What a filter by state no longer chooses, since it has gone on, leaves the list.
  private without(came: readonly Execution[], chosen: readonly Execution[]): readonly Execution[] {
    if (this.filter.states.length === 0 || came.length === chosen.length) return this.rows.value;
    const stay = new Set(chosen);
    const gone = new Set(came.filter((x) => !stay.has(x)).map(keyOf));
    this.newer.value = this.newer.value.filter((x) => !gone.has(keyOf(x)));
    return this.rows.value.filter((x) => !gone.has(keyOf(x)));
  }

  /** Puts the newer ones where they belong. */
  showNewer(): void {
    const all =
      this.newer.value.length > 0 ? [...this.newer.value, ...this.rows.value] : this.rows.value;
    this.newer.value = [];
    this.rows.value = all;
    if (all.length <= most) return;
    this.rows.value = all.slice(0, most);
    const until = all[most]?.submittedAt;
    this.complete.value = false;
    if (until) this.next = { until: after(until) };
  }

  /** Says whether the first row is in sight: then newer ones are shown as they come. */
  atTop(top: boolean): void {
    if (top === this.top) return;
    this.top = top;
    if (!top) return;
    this.showNewer();
    if (this.stale) this.refresh();
  }

  close(): void {
    this.abort.abort();
  }
}
