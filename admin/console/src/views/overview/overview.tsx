import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { countText, sizeText } from "../../text/number";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";

/** How the server is, at a glance. */
export function Overview() {
  const status = useCall((signal) => admin.getStatus({}, { signal }));
  return (
    <Page title="Overview">
      <Answered answer={status} busy="Asking the server how it is …">
        {(s) => (
          <Section title="Server">
            <Facts
              of={[
                ["node", s.nodeId],
                ["version", s.version],
                ["started", <Moment key="" at={s.startedAt} />],
                ["running", countText(s.runningTasks)],
                ["pending", countText(s.pendingTasks)],
                ["memory", sizeText(s.memoryBytes)],
              ]}
            />
          </Section>
        )}
      </Answered>
    </Page>
  );
}
