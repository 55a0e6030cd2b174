import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { countText, plural, sizeText } from "../../text/number";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Answered } from "../../ui/state";

/** Which server this is. */
export function Server({ memory }: { memory: bigint | undefined }) {
  const status = useCall((signal) => admin.getStatus({}, { signal }));
  return (
    <Answered answer={status} busy="Asking the server what it is …">
      {(s) => (
        <Facts
          of={[
            ["node", s.nodeId],
            ["version", s.version],
            ["Go", s.goVersion],
            ["started", <Moment key="" at={s.startedAt} />],
            ["tasks", `${countText(s.tasks)}, of ${plural(s.plugins, "plugin")}`],
            ["memory", sizeText(memory ?? s.memoryBytes)],
            ["results kept", countText(s.results)],
            ["log level", s.logLevel],
          ]}
        />
      )}
    </Answered>
  );
}
