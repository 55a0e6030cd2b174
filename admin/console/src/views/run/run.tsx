import { admin } from "../../rpc/client";
import { useCall } from "../../rpc/use-call";
import { durationText } from "../../text/duration";
import { idText } from "../../text/visible";
import { StateBadge } from "../../ui/badge";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Page, Section } from "../../ui/page";
import { Answered } from "../../ui/state";

/** All that is known of one run. */
export function Run({ name }: { name: string }) {
  const answer = useCall((signal) => admin.getExecution({ id: name }, { signal }), [name]);
  return (
    <Page title={idText(name)}>
      <Answered answer={answer} busy="Asking for the run …">
        {({ execution: x, ...known }) => (
          <Section title="Run">
            <Facts
              of={[
                ["method", x?.method],
                ["state", x && <StateBadge state={x.state} overdue={x.overdue} />],
                ["submitted", <Moment key="" at={x?.submittedAt} />],
                ["ran", durationText(x?.duration)],
                ["node", known.nodeId],
              ]}
            />
          </Section>
        )}
      </Answered>
    </Page>
  );
}
