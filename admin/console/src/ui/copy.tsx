import { complain, say } from "./notice";

/** A button that copies text; what it is, is said when it is done. */
export function Copy(props: { text: () => string; what: string; children: string }) {
  return (
    <button
      type="button"
      onClick={() => {
        copyText(props.text()).then(
          () => say(`${props.what} is copied.`),
          (error) => complain(`${props.what} can't be copied`, error),
        );
      }}
    >
      {props.children}
    </button>
  );
}

// Browsers have no clipboard on plain HTTP but for the machine's own addresses;
// there a selection is copied, as a reader would do it.
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("this browser does not allow it");
}
