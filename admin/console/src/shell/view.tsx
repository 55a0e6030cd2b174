import { Component, type ComponentChildren } from "preact";
import type { Route } from "../address/route";
import { Page } from "../ui/page";
import { Empty } from "../ui/state";
import { places } from "./places";

/** The view that a route names. */
export function View({ route }: { route: Route }) {
  const [path = "", name, ...more] = route.parts;
  const place = places.find((p) => p.path === path);
  if (!place || more.length > 0 || (name !== undefined && !place.one)) return <Nowhere />;
  const at = route.parts.join("/");
  if (name !== undefined && place.one) {
    return (
      <Guarded key={at}>
        <place.one name={name} />
      </Guarded>
    );
  }
  return (
    <Guarded key={at}>
      <place.view />
    </Guarded>
  );
}

function Nowhere() {
  return (
    <Page title="No such page">
      <Empty title="There is nothing at this address.">
        <p>
          <a href="/">Go to the overview</a>
        </p>
      </Empty>
    </Page>
  );
}

/** Keeps a view that breaks from taking the whole page with it. */
class Guarded extends Component<{ children: ComponentChildren }, { broken?: Error }> {
  static override getDerivedStateFromError(broken: Error) {
    return { broken };
  }

  override render() {
    const { broken } = this.state;
    if (!broken) return this.props.children;
    return (
      <Page title="This page is broken">
        <div class="failed" role="alert">
          <p>
            It is an error of the page, not of the server: <code>{String(broken)}</code>
          </p>
          <button type="button" onClick={() => this.setState({ broken: undefined as never })}>
            Show it anew
          </button>
        </div>
      </Page>
    );
  }
}
