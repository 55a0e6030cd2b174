import { address, go, route } from "../../address/route";
import type { Task } from "../../gen/taskscheduler/admin/v1/admin_pb";
import { admin } from "../../rpc/client";
import { pluginEvents } from "../../rpc/kinds";
import { useBusy } from "../../rpc/use-busy";
import { useCall } from "../../rpc/use-call";
import { useEvents } from "../../rpc/use-events";
import { durationText } from "../../text/duration";
import { countText } from "../../text/number";
import { visible } from "../../text/visible";
import { Field } from "../../ui/field";
import { Page, Section } from "../../ui/page";
import { Answered, Empty } from "../../ui/state";
import { type Column, Table } from "../../ui/table";

const columns: readonly Column<Task>[] = [
  { name: "name", cell: (t) => <a href={address(["tasks", t.name])}>{visible(t.name)}</a> },
  { name: "about", wide: true, cell: (t) => visible(t.doc) || <span class="none">-</span> },
  {
    name: "plugin",
    wide: true,
    cell: (t) =>
      t.plugin ? (
        <a href={address(["plugins", t.plugin])}>{visible(t.plugin)}</a>
      ) : (
        <span class="none">-</span>
      ),
  },
  { name: "calls", number: true, cell: (t) => countText(t.calls) },
  {
    name: "failures",
    number: true,
    cell: (t) =>
      t.failures === 0n ? (
        "0"
      ) : (
        <a href={address(["runs"], new URLSearchParams({ state: "failed", method: t.name }))}>
          {countText(t.failures)}
        </a>
      ),
  },
  { name: "running", number: true, wide: true, cell: (t) => countText(t.running) },
  { name: "pending", number: true, wide: true, cell: (t) => countText(t.pending) },
  { name: "p50", number: true, wide: true, cell: (t) => durationText(t.latency?.p50) },
  { name: "p99", number: true, wide: true, cell: (t) => durationText(t.latency?.p99) },
];

/** What can be called, with figures since the start. */
export function Tasks() {
  const text = route.value.query.get("name") ?? "";
  const answer = useCall((signal) => admin.listTasks({}, { signal }));
  useBusy(answer.again);
  useEvents(pluginEvents, answer.again, answer.again);
  const set = (name: string) =>
    go(address(["tasks"], name ? new URLSearchParams({ name }) : undefined), true);
  return (
    <Page title="Tasks">
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field label="name" value={text} set={set} placeholder="what it contains" />
      </form>
      <Answered answer={answer} busy="Asking for the tasks …">
        {({ tasks }) => <Found tasks={tasks.filter((t) => t.name.includes(text))} />}
      </Answered>
    </Page>
  );
}

function Found({ tasks }: { tasks: readonly Task[] }) {
  if (tasks.length === 0) return <Empty title="No task is called so." />;
  return (
    <Section title="By name">
      <Table caption="Tasks" columns={columns} rows={tasks} id={(t) => t.name} />
    </Section>
  );
}
