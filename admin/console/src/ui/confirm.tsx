import type { ComponentChildren } from "preact";
import { Dialog } from "./dialog";

/** Asks before something is done that others notice. */
export function Confirm(props: {
  title: string;
  /** What will be done, as the button says it: "Cancel the run". */
  action: string;
  run: () => void;
  close: () => void;
  children: ComponentChildren;
}) {
  return (
    <Dialog title={props.title} close={props.close}>
      {props.children}
      <div class="actions">
        <button
          type="button"
          class="danger"
          onClick={() => {
            props.close();
            props.run();
          }}
        >
          {props.action}
        </button>
      </div>
    </Dialog>
  );
}
