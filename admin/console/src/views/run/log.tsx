import { useLayoutEffect, useRef } from "preact/hooks";
import type { LogLine } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { plural } from "../../text/number";
import { visible } from "../../text/visible";
import { Moment } from "../../ui/moment";
import { Section } from "../../ui/page";

/** What a run has logged, as it comes; who reads at the end stays there. */
export function Log(props: {
  lines: readonly LogLine[];
  leftOut: bigint;
  /** Lines may come still. */
  goesOn: boolean;
  hidden: boolean;
}) {
  const frame = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [props.lines]);
  return (
    <Section title="Log">
      {props.leftOut > 0n && (
        <p class="none">{plural(props.leftOut, "line is", "lines are")} not kept.</p>
      )}
      {props.hidden ? (
        <p class="none">Lines are hidden from viewers here.</p>
      ) : props.lines.length === 0 ? (
        <p class="none">{props.goesOn ? "It has logged nothing yet." : "It has logged nothing."}</p>
      ) : (
        <section
          class="log"
          aria-label="Lines"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
          tabIndex={0}
          ref={frame}
          onScroll={({ currentTarget: e }) => {
            atEnd.current = e.scrollHeight - e.scrollTop - e.clientHeight < 8;
          }}
        >
          {props.lines.map((line, i) => (
            <p key={i} class={`line ${levelWord(line.level)}`}>
              <Moment at={line.time} />
              <span class="level">{levelWord(line.level).toUpperCase()}</span>
              <span class="line-text">{visible(line.text)}</span>
            </p>
          ))}
        </section>
      )}
    </Section>
  );
}

/** The word of a level as log/slog counts them. */
function levelWord(level: number): string {
  if (level < 0) return "debug";
  if (level < 4) return "info";
  return level < 8 ? "warn" : "error";
}
