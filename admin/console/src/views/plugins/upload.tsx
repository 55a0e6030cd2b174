import { useRef, useState } from "preact/hooks";
import { address } from "../../address/route";
import type { UploadPluginResponse } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { who } from "../../rpc/who";
import { errorText } from "../../text/code";
import { sizeText } from "../../text/number";
import { visible } from "../../text/visible";
import { Confirm } from "../../ui/confirm";

/** A plugin's file that was dropped and looked at, and not put in its place yet. */
interface Looked {
  file: string;
  content: Uint8Array;
  found: UploadPluginResponse;
  /** The hash of the plugin that it would replace; undefined: there is none. */
  before: string | undefined;
}

/** Takes a plugin's file: it is checked by the server first, and put in place when one says so. */
export function Upload({ done }: { done: () => void }) {
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState("");
  const [wrong, setWrong] = useState("");
  const [looked, setLooked] = useState<Looked>();
  const input = useRef<HTMLInputElement>(null);
  const most = who.value?.maxPluginBytes ?? 0n;

  const look = async (file: File) => {
    setWrong("");
    if (most > 0n && BigInt(file.size) > most) {
      setWrong(
        `${visible(file.name)} has ${sizeText(file.size)}; at most are taken: ${sizeText(most)}`,
      );
      return;
    }
    setSaid(`Checking ${visible(file.name)} …`);
    try {
      const content = new Uint8Array(await file.arrayBuffer());
      const found = await admin.uploadPlugin({ file: file.name, content, dryRun: true });
      const { plugins } = await admin.listPlugins({});
      const before = plugins.find((p) => p.file === file.name)?.sha256;
      setLooked({ file: file.name, content, found, before });
    } catch (error) {
      setWrong(`${visible(file.name)} is refused. ${errorText(error)}`);
    }
    setSaid("");
  };
  const put = async ({ file, content }: Looked) => {
    setSaid(`Putting ${visible(file)} in place …`);
    try {
      await admin.uploadPlugin({ file, content });
      setSaid(`${visible(file)} is in place.`);
      done();
    } catch (error) {
      setSaid("");
      setWrong(errorText(error));
    }
  };
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) look(file);
  };
  return (
    <>
      <section
        class={over ? "drop over" : "drop"}
        aria-label="Upload a plugin"
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer?.files);
        }}
      >
        <p>Drop a plugin's file here: it is loaded in a process of its own first.</p>
        <label class="button">
          Choose a file
          <input
            ref={input}
            class="unseen"
            type="file"
            onChange={(event) => {
              take(event.currentTarget.files);
              event.currentTarget.value = "";
            }}
          />
        </label>
        {said !== "" && <p role="status">{said}</p>}
      </section>
      {wrong !== "" && (
        <p class="failed" role="alert">
          {wrong}
        </p>
      )}
      {looked && (
        <Confirm
          title={`Put ${visible(looked.file)} in place?`}
          action={looked.before !== undefined ? "Replace the plugin" : "Add the plugin"}
          run={() => put(looked)}
          close={() => setLooked(undefined)}
        >
          <Found looked={looked} />
        </Confirm>
      )}
    </>
  );
}

function Found({ looked: { content, found, before } }: { looked: Looked }) {
  const name = found.plugin?.name ?? "";
  return (
    <>
      <p>
        It is in order: {sizeText(content.length)}, SHA-256 <code>{found.sha256.slice(0, 12)}</code>
        {before && (
          <>
            , in the place of{" "}
            <a href={address(["plugins", name])}>
              <code>{before.slice(0, 12)}</code>
            </a>
            , which one click brings back
          </>
        )}
        .
      </p>
      <ul class="plain">
        {found.tasks.map((t) => (
          <li key={t.name} class="mono">
            {visible(t.name)}
            {visible(t.signature)}
          </li>
        ))}
      </ul>
    </>
  );
}
