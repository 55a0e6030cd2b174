import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** A view: its heading, which is also the window's title, and what can be done there. */
export function Page(props: {
  title: string;
  heading?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${props.title} · Task Scheduler`;
  }, [props.title]);
  return (
    <>
      <header class="page-head">
        <h1>{props.heading ?? props.title}</h1>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.children}
    </>
  );
}

/** A part of a view, with a heading. */
export function Section(props: {
  title: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section">
      <header class="section-head">
        <h2>{props.title}</h2>
        {props.actions && <div class="actions">{props.actions}</div>}
      </header>
      {props.children}
    </section>
  );
}
