import { visible } from "../text/visible";
import { Badge } from "./badge";

/** Says which nodes have not answered, and what follows from that. */
export function Unanswered({ nodes, so }: { nodes: readonly string[]; so: string }) {
  if (nodes.length === 0) return null;
  return (
    <p role="status">
      <Badge tone="warn">look at it</Badge> These nodes have not answered:{" "}
      {nodes.map(visible).join(", ")}; {so}.
    </p>
  );
}
