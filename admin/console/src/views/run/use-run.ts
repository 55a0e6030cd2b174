import { useRef, useState } from "preact/hooks";
import type { GetExecutionResponse, LogLine } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import type { LineState } from "../../rpc/lines";
import { useStream } from "../../rpc/use-stream";
import { ended } from "../../text/words";

const kept = 5000; // lines; a task may say more in an hour than anyone reads

/** A run, as it is now. */
export interface Followed {
  details: GetExecutionResponse | undefined;
  lines: readonly LogLine[];
  line: LineState;
}

/** Follows a run until it has ended. */
export function useRun(id: string): Followed {
  const [details, setDetails] = useState<GetExecutionResponse>();
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const over = useRef(false);
  const line = useStream(
    {
      open: (signal, opened) => admin.watchExecution({ id }, { signal, onHeader: opened }),
      // Who connects again is told all lines again.
      opened: () => setLines([]),
      take: ({ now }) => {
        if (!now) return;
        over.current = now.execution !== undefined && ended(now.execution.state);
        setDetails(now);
        if (now.lines.length > 0) setLines((old) => [...old, ...now.lines].slice(-kept));
      },
      over: () => over.current,
    },
    [id],
  );
  return { details, lines, line };
}
