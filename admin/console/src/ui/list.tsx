import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Column, classes } from "./table";

const margin = 8; // rows that are there before and after those that one sees

/**
 * A table of any length: only the rows that one sees are in the document. All are of
 * one height, which the style sheet has as --row.
 */
export function List<T>(props: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  id: (row: T) => string;
  /** Adds a class to a row. */
  tone?: (row: T) => string;
  /** Called when the end comes near. */
  nearEnd?: () => void;
  /** Called with whether the first row is in sight. */
  atTop?: (top: boolean) => void;
  /** How many newer ones are held back while one reads further down; a button shows them. */
  newer?: string | undefined;
  /** Below the last row. */
  foot?: ComponentChildren;
  /** The class that has the columns' widths, as grid-template-columns. */
  layout: string;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(0);
  const [row, setRow] = useState(36);
  const [top, setTop] = useState(0);
  const [bar, setBar] = useState(0); // the width of the scroll bar, where there is one
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => {
      setHeight(element.clientHeight);
      setBar(element.offsetWidth - element.clientWidth);
      setRow(Number.parseFloat(getComputedStyle(element).getPropertyValue("--row")) || 36);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / row) - margin);
  const last = Math.min(props.rows.length, Math.ceil((top + height) / row) + margin);
  useEffect(() => {
    if (height > 0 && last + 100 >= props.rows.length) props.nearEnd?.();
  }, [last, height, props.rows.length, props.nearEnd]);
  return (
    <div class={`list ${props.layout}`}>
      {props.newer && (
        <button
          type="button"
          class="list-newer main"
          onClick={() => frame.current?.scrollTo({ top: 0 })}
        >
          Show {props.newer}
        </button>
      )}
      <div
        class="list-table"
        role="table"
        aria-label={props.caption}
        aria-rowcount={props.rows.length + 1}
      >
        <div class="list-head" role="row" aria-rowindex={1} style={{ marginRight: `${bar}px` }}>
          {props.columns.map((c) => (
            <span key={c.name} role="columnheader" class={classes(c)}>
              {c.name}
            </span>
          ))}
        </div>
        <div
          class="list-body"
          role="rowgroup"
          tabIndex={0}
          ref={frame}
          onScroll={(event) => {
            const at = event.currentTarget.scrollTop;
            setTop(at);
            props.atTop?.(at < row);
          }}
        >
          <div class="list-room" style={{ height: `${props.rows.length * row}px` }}>
            <div class="list-window" style={{ transform: `translateY(${first * row}px)` }}>
              {props.rows.slice(first, last).map((r, i) => (
                <div
                  key={props.id(r)}
                  role="row"
                  aria-rowindex={first + i + 2}
                  class={`list-row ${props.tone?.(r) ?? ""}`}
                >
                  {props.columns.map((c) => (
                    <span key={c.name} role="cell" data-column={c.name} class={classes(c)}>
                      {c.cell(r)}
                    </span>
                  ))}
                </div>
              ))}
            </div>
          </div>
          {props.foot && (
            <div role="row" class="list-foot">
              <span role="cell">{props.foot}</span>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
