import { useEffect, useRef, useState } from "preact/hooks";
import { address, go, route } from "../address/route";
import { Help } from "../keys/help";
import { bind } from "../keys/keys";
import { tokenWanted } from "../rpc/session";
import { useWho } from "../rpc/use-who";
import { who } from "../rpc/who";
import { Notices } from "../ui/notice";
import { Busy, Failed } from "../ui/state";
import { Account } from "./account";
import { Liveness } from "./liveness";
import { Login } from "./login";
import { Nav } from "./nav";
import { places } from "./places";
import { Search } from "./search";
import { View } from "./view";

/** The whole page: header, navigation, and the view that the address names. */
export function App() {
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  useEffect(
    () =>
      bind([
        { keys: "/", does: "goes to the search", run: () => search.current?.focus() },
        ...places.map((p) => ({
          keys: `g ${p.key}`,
          does: `goes to ${p.word}`,
          run: () => go(address(p.path === "" ? [] : [p.path])),
        })),
        { keys: "?", does: "shows these keys", run: () => setHelp(true) },
      ]),
    [],
  );
  useFocusOnView();
  const unknown = useWho();
  if (tokenWanted.value) return <Login />;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <button
          type="button"
          class="menu quiet"
          aria-expanded={menu}
          aria-controls="nav"
          onClick={() => setMenu(!menu)}
        >
          Menu
        </button>
        <a class="brand" href="/">
          Task Scheduler
        </a>
        <Search field={search} />
        <Liveness />
        <Account />
        <button type="button" class="quiet help" title="Keys (?)" onClick={() => setHelp(true)}>
          Keys
        </button>
      </header>
      <div class="body">
        <Nav open={menu} done={() => setMenu(false)} />
        <main id="main" tabIndex={-1}>
          {who.value ? (
            <View route={route.value} />
          ) : unknown ? (
            <Failed error={unknown} />
          ) : (
            <Busy>Asking the server who you are …</Busy>
          )}
        </main>
      </div>
      <Notices />
      {help && <Help close={() => setHelp(false)} />}
    </>
  );
}

// Who hears the page rather than sees it is told that another view is there.
function useFocusOnView(): void {
  const path = route.value.parts.join("/");
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) document.getElementById("main")?.focus({ preventScroll: true });
    first.current = false;
  }, [path]);
}
