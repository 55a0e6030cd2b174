import type { Relative } from "../../gen/taskscheduler/admin/v1/admin_pb";

export const node = { width: 220, height: 44 };
const gap = { x: 90, y: 14 };
const most = 8; // nodes of a column that are drawn; the rest is counted

/** A node of the graph; the run itself has no relative. */
export interface Node {
  x: number;
  y: number;
  relative: Relative | undefined;
}

/** Where the nodes of a run's graph stand: what it waited for, the run, what waits for it. */
export interface Layout {
  width: number;
  height: number;
  before: Node[];
  self: Node;
  after: Node[];
  /** How many are not drawn. */
  beforeLeft: number;
  afterLeft: number;
}

/** Lays out three columns, each centred. */
export function layOut(dependencies: readonly Relative[], dependents: readonly Relative[]): Layout {
  const before = dependencies.slice(0, most);
  const after = dependents.slice(0, most);
  const rows = Math.max(before.length, after.length, 1);
  const height = rows * (node.height + gap.y) - gap.y;
  const step = node.width + gap.x;
  const selfX = before.length > 0 ? step : 0;
  const column = (list: readonly Relative[], x: number): Node[] => {
    const top = (height - (list.length * (node.height + gap.y) - gap.y)) / 2;
    return list.map((relative, i) => ({ x, y: top + i * (node.height + gap.y), relative }));
  };
  return {
    width: selfX + node.width + (after.length > 0 ? step : 0),
    height,
    before: column(before, 0),
    self: { x: selfX, y: (height - node.height) / 2, relative: undefined },
    after: column(after, selfX + step),
    beforeLeft: dependencies.length - before.length,
    afterLeft: dependents.length - after.length,
  };
}

/** The curve from one node's right side to another's left. */
export function edge(from: Node, to: Node): string {
  const x = from.x + node.width;
  const y = from.y + node.height / 2;
  const endY = to.y + node.height / 2;
  const bend = (to.x - x) / 2;
  return `M${x} ${y}C${x + bend} ${y} ${to.x - bend} ${endY} ${to.x} ${endY}`;
}

/** Text that fits a node, cut at its middle: ids tell themselves apart at both ends. */
export function shorten(text: string, most = 28): string {
  const letters = [...text];
  if (letters.length <= most) return text;
  const half = Math.floor((most - 1) / 2);
  return `${letters.slice(0, half).join("")}…${letters.slice(-half).join("")}`;
}
