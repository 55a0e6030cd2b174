import { address } from "../../address/route";
import type { Execution, Relative } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { plural } from "../../text/number";
import { idText, visible } from "../../text/visible";
import { stateWord } from "../../text/words";
import { Section } from "../../ui/page";
import { edge, layOut, type Node, node, shorten } from "./graph-layout";

/** What a run waited for and what waits for it; each leads to its own page, and its graph. */
export function Graph(props: {
  run: Execution;
  dependencies: readonly Relative[];
  dependents: readonly Relative[];
}) {
  const { run } = props;
  if (props.dependencies.length + props.dependents.length === 0) return null;
  const g = layOut(props.dependencies, props.dependents);
  return (
    <Section title="Dependencies">
      <div class="graph-frame">
        <svg
          class="graph"
          width={g.width + 2}
          height={g.height + 2}
          viewBox={`-1 -1 ${g.width + 2} ${g.height + 2}`}
          aria-label="What the run waited for, the run, and what waits for it"
        >
          {g.before.map((n) => (
            <path key={n.relative?.id} class="edge" d={edge(n, g.self)} />
          ))}
          {g.after.map((n) => (
            <path key={n.relative?.id} class="edge" d={edge(g.self, n)} />
          ))}
          {[...g.before, ...g.after].map((n) => (
            <Other key={`${n.x} ${n.relative?.id}`} at={n} />
          ))}
          <Box at={g.self} id={run.id} method={run.method} state={stateWord(run.state)} self />
        </svg>
      </div>
      {g.beforeLeft > 0 && (
        <p class="none">It waited for {plural(g.beforeLeft, "more task")} that is not drawn.</p>
      )}
      {g.afterLeft > 0 && (
        <p class="none">{plural(g.afterLeft, "more task")} waited for it, not drawn.</p>
      )}
    </Section>
  );
}

function Other({ at }: { at: Node }) {
  const r = at.relative;
  if (!r) return null;
  // Of what is not known any more there is no page.
  if (r.method === "") return <Box at={at} id={r.id} method="not known any more" state="unknown" />;
  return (
    <a href={address(["runs", r.id])}>
      <Box at={at} id={r.id} method={r.method} state={stateWord(r.state)} />
    </a>
  );
}

function Box(props: { at: Node; id: string; method: string; state: string; self?: boolean }) {
  const { x, y } = props.at;
  return (
    <g class={`node ${props.state} ${props.self ? "self" : ""}`}>
      <title>{`${visible(props.id)}, ${visible(props.method)}, ${props.state}`}</title>
      <rect x={x} y={y} width={node.width} height={node.height} rx={6} />
      <circle cx={x + 14} cy={y + 15} r={4} />
      <text class="node-id" x={x + 26} y={y + 19}>
        {shorten(idText(props.id), 26)}
      </text>
      <text class="node-note" x={x + 26} y={y + 35}>
        {shorten(`${visible(props.method)} · ${props.state}`, 32)}
      </text>
    </g>
  );
}
