import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { agoText, exactText, milliseconds, shortTimeText } from "../text/moment";
import { now } from "./now";

/** A time of the reader's clock; the exact one, and that of UTC, show at hover. */
export function Moment({ at, ago = false }: { at: Timestamp | undefined; ago?: boolean }) {
  if (!at) return <span class="none">-</span>;
  const ms = milliseconds(at);
  const exact = exactText(at);
  return (
    <time dateTime={new Date(ms).toISOString()} title={exact}>
      {ago ? agoText(ms, now.value) : shortTimeText(ms, now.value)}
    </time>
  );
}
