import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { may, who } from "../../rpc/who";
import { plural } from "../../text/number";
import { useAct } from "../../ui/act";
import { say } from "../../ui/notice";
import { Page, Section } from "../../ui/page";
import { Answered, Empty } from "../../ui/state";
import { Table } from "../../ui/table";
import { columns } from "./columns";
import { Upload } from "./upload";

/** The plugins and what can be done to all of them; a file that is dropped here becomes one. */
export function Plugins() {
  const answer = useCall((signal) => admin.listPlugins({}, { signal }));
  useEvents(pluginEvents, answer.again, answer.again);
  const { busy, act } = useAct();
  const reload = async () => {
    const { plugins } = await admin.reloadPlugin({});
    const failed = plugins.filter((p) => p.lastError !== "").length;
    answer.again();
    say(`${plural(plugins.length, "plugin")} reloaded${failed > 0 ? `, ${failed} failed` : ""}.`);
  };
  return (
    <Page
      title="Plugins"
      actions={
        may("ReloadPlugin") && (
          <button
            type="button"
            disabled={busy}
            onClick={() => act("Plugins can't be reloaded", reload)}
          >
            {busy ? "Reloading …" : "Reload all"}
          </button>
        )
      }
    >
      {who.value?.pluginUpload && may("UploadPlugin") && <Upload done={answer.again} />}
      <Answered answer={answer} busy="Asking for the plugins …">
        {({ plugins }) =>
          plugins.length === 0 ? (
            <Empty title="There are no plugins.">
              <p>A file that is dropped into the library directory is loaded by itself.</p>
            </Empty>
          ) : (
            <Section title="Loaded">
              <Table caption="Plugins" columns={columns} rows={plugins} id={(p) => p.name} />
            </Section>
          )
        }
      </Answered>
    </Page>
  );
}
