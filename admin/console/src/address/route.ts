import { signal } from "@preact/signals";

/** Where the page is: the parts of the path, decoded, and the query. */
export interface Route {
  parts: string[];
  query: URLSearchParams;
}

/** The route of now. Only this file and the browser's buttons change it. */
export const route = signal<Route>(read());

function read(): Route {
  if (typeof location === "undefined") return { parts: [], query: new URLSearchParams() };
  return {
    parts: location.pathname.split("/").filter(Boolean).map(decodePart),
    query: new URLSearchParams(location.search),
  };
}

/** Goes to an address of this page; `replace` leaves no entry for the back button. */
export function go(address: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  const before = route.value.parts.join("/");
  route.value = read();
  if (route.value.parts.join("/") !== before) scrollTo(0, 0);
}

/** Follows the browser's buttons, and clicks on links within the page. */
export function followAddress(): void {
  addEventListener("popstate", () => {
    route.value = read();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.download || link.origin !== location.origin) return;
    const sameView = link.pathname === location.pathname && link.search === location.search;
    if (link.hash !== "" && sameView) return; // the browser goes to a part of the view
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
}

/** The address of a path and a query: `/runs/ID`. Parts may be any text. */
export function address(parts: string[], query?: URLSearchParams): string {
  const search = query?.toString();
  return `/${parts.map(encodePart).join("/")}${search ? `?${search}` : ""}`;
}

// Browsers take "." and ".." for folders, also where they are percent-encoded. So
// those two, and what looks like one that was marked so, have a tilde in front.
export function encodePart(part: string): string {
  return encodeURIComponent(/^~*\.{1,2}$/.test(part) ? `~${part}` : part.toWellFormed());
}

export function decodePart(part: string): string {
  let text = part;
  try {
    text = decodeURIComponent(part);
  } catch {
    // Somebody typed a lone percent sign: it is taken as it stands.
  }
  return /^~+\.{1,2}$/.test(text) ? text.slice(1) : text;
}
