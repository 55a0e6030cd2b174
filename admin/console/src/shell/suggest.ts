import { address } from "../address/route";
import { idText, visible } from "../text/visible";

/** Where a search may lead. */
export interface Suggestion {
  what: string;
  name: string;
  address: string;
}

const mostTasks = 6;
const mostPlugins = 3;

/** What a text may mean: runs by their ids, and tasks and plugins whose names have it. */
export function suggest(
  text: string,
  tasks: readonly string[],
  plugins: readonly string[],
): Suggestion[] {
  const wanted = text.trim();
  if (wanted === "") return [];
  const id = idText(wanted);
  return [
    {
      what: "runs whose id begins with",
      name: id,
      address: address(["runs"], new URLSearchParams({ id: wanted })),
    },
    { what: "the run", name: id, address: address(["runs", wanted]) },
    ...best(wanted, tasks, mostTasks).map((name) => one("task", "tasks", name)),
    ...best(wanted, plugins, mostPlugins).map((name) => one("plugin", "plugins", name)),
  ];
}

function one(what: string, place: string, name: string): Suggestion {
  return { what, name: visible(name), address: address([place, name]) };
}

// Those that begin with it before those that have it somewhere, each by name.
function best(text: string, names: readonly string[], most: number): string[] {
  const wanted = text.toLowerCase();
  const found = names.filter((n) => n.toLowerCase().includes(wanted)).sort();
  const begins = (n: string) => n.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((n) => !begins(n))].slice(0, most);
}
