import type { ComponentChildren } from "preact";

/** A column of a table. */
export interface Column<T> {
  /** The heading: the command line's word, in small letters. */
  name: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  number?: boolean;
  /** Left out where there is little room. */
  wide?: boolean;
}

/** A table of what fits on a few screens; see List for more. */
export function Table<T>(props: {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  id: (row: T) => string;
}) {
  const { columns } = props;
  return (
    <div class="table-frame">
      <table>
        <caption class="unseen">{props.caption}</caption>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.name} scope="col" data-column={c.name} class={classes(c)}>
                {c.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr key={props.id(row)}>
              {columns.map((c) => (
                <td key={c.name} data-column={c.name} class={classes(c)}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function classes<T>(c: Column<T>): string {
  return [c.number && "number", c.wide && "wide"].filter(Boolean).join(" ");
}
