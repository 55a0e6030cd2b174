import { address } from "../../address/route";
import { AttentionKind, type Attention as Item } from "../../gen/taskscheduler/admin/v1/stats_pb";
import { visible } from "../../text/visible";
import { Badge } from "../../ui/badge";
import { Section } from "../../ui/page";

/** What an operator should look at, the urgent first; it is never empty of words. */
export function Attention({ items }: { items: readonly Item[] }) {
  if (items.length === 0) return <p class="all-well">Nothing needs attention.</p>;
  return (
    <Section title="Needs attention">
      <ul class="attention">
        {items.map((item) => (
          <li key={`${item.kind} ${item.subject}`}>
            <Badge tone={item.urgent ? "bad" : "warn"}>
              {item.urgent ? "urgent" : "look at it"}
            </Badge>
            <span>{visible(item.message)}</span>
            <Where item={item} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Where({ item }: { item: Item }) {
  const to = placeOf(item);
  return to ? <a href={to.address}>{to.words}</a> : null;
}

function placeOf({ kind, subject }: Item): { address: string; words: string } | undefined {
  switch (kind) {
    case AttentionKind.PLUGIN_QUARANTINED:
    case AttentionKind.PLUGIN_FAILED:
    case AttentionKind.PLUGIN_RESTARTING:
    case AttentionKind.CONFINEMENT_MISSING:
      return {
        address: address(subject ? ["plugins", subject] : ["plugins"]),
        words: "See the plugin",
      };
    case AttentionKind.DEAD_LETTERS:
      return { address: address(["letters"]), words: "See the dead letters" };
    case AttentionKind.OVERDUE_TASKS:
    case AttentionKind.FULL:
      return { address: address(["queue"]), words: "See the queue" };
    case AttentionKind.DRAINING:
    case AttentionKind.NODE_GONE:
      return { address: address(["cluster"]), words: "See the cluster" };
    default:
      return undefined;
  }
}
