import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { countText, plural, sizeText } from "../../text/number";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Answered } from "../../ui/state";

/** Which server this is; asked again with each opening of the stream: it may be a new one. */
export function Server({ memory, opens }: { memory: bigint | undefined; opens: number }) {
  const status = useCall((signal) => admin.getStatus({}, { signal }), [opens]);
  return (
    <Answered answer={status} busy="Asking the server what it is …">
      {(s) => (
        <Facts
          of={[
            ["node", s.nodeId],
            ["version", s.version],
            ["Go", s.goVersion],
            ["started", <Moment key="" at={s.startedAt} />],
            ["tasks", `${countText(s.tasks)}, with those of ${plural(s.plugins, "plugin")}`],
            ["memory", sizeText(memory ?? s.memoryBytes)],
            ["results kept", countText(s.results)],
            ["log level", s.logLevel],
          ]}
        />
      )}
    </Answered>
  );
}
