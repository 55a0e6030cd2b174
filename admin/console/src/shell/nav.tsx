import { address, route } from "../address/route";
import { places } from "./places";

/** Where one can go. */
export function Nav({ open, done }: { open: boolean; done: () => void }) {
  const here = route.value.parts[0] ?? "";
  return (
    <nav id="nav" class={open ? "nav open" : "nav"} aria-label="Pages">
      <ul>
        {places.map((p) => (
          <li key={p.path}>
            <a
              href={address(p.path === "" ? [] : [p.path])}
              aria-current={p.path === here ? "page" : undefined}
              title={`${p.word} (g ${p.key})`}
              onClick={done}
            >
              {p.word}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
