import { Dialog } from "../ui/dialog";
import { bound } from "./keys";

/** Which keys there are. */
export function Help({ close }: { close: () => void }) {
  return (
    <Dialog title="Keys" close={close}>
      <dl class="keys">
        {bound.value.map((b) => (
          <div key={b.keys}>
            <dt>
              {b.keys.split(" ").map((k, i) => (
                <kbd key={i}>{k}</kbd>
              ))}
            </dt>
            <dd>{b.does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>closes a dialog, leaves the search</dd>
        </div>
      </dl>
    </Dialog>
  );
}
