import { useState } from "preact/hooks";
import { type Plugin, PluginState } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { may } from "../../rpc/who";
import { visible } from "../../text/visible";
import { useAct } from "../../ui/act";
import { Confirm } from "../../ui/confirm";
import { say } from "../../ui/notice";

/** Load, unload, reload: what fits the plugin's state and the reader's role. */
export function Steer({ plugin, changed }: { plugin: Plugin; changed: () => void }) {
  const { busy, act } = useAct();
  const [asked, setAsked] = useState(false);
  const { name } = plugin;
  const shown = visible(name);
  const unloaded = plugin.state === PluginState.UNLOADED;
  const steer = (what: string, call: () => Promise<unknown>) =>
    act(`${shown} can't be ${what}`, async () => {
      await call();
      changed();
      say(`${shown} is ${what}.`);
    });
  return (
    <>
      {unloaded && may("LoadPlugin") && (
        <button
          type="button"
          disabled={busy}
          onClick={() => steer("loaded", () => admin.loadPlugin({ name }))}
        >
          {busy ? "Loading …" : "Load"}
        </button>
      )}
      {!unloaded && may("ReloadPlugin") && (
        <button
          type="button"
          disabled={busy}
          onClick={() => steer("reloaded", () => admin.reloadPlugin({ name }))}
        >
          {busy ? "At it …" : "Reload"}
        </button>
      )}
      {!unloaded && may("UnloadPlugin") && (
        <button type="button" class="danger" disabled={busy} onClick={() => setAsked(true)}>
          Unload
        </button>
      )}
      {asked && (
        <Confirm
          title={`Unload ${shown}?`}
          action="Unload the plugin"
          run={() => steer("unloaded", () => admin.unloadPlugin({ name }))}
          close={() => setAsked(false)}
        >
          <p>
            Its {plugin.tasks.length} tasks can't be called then, until it is loaded again or its
            file changes. Those that run go on.
          </p>
        </Confirm>
      )}
    </>
  );
}
