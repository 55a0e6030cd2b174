import type { ComponentChildren } from "preact";

/** Names and what they stand for, one below the other; what is undefined is left out. */
export function Facts({
  of,
}: {
  of: readonly (readonly [string, ComponentChildren | undefined])[];
}) {
  return (
    <dl class="facts">
      {of.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
