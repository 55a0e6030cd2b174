import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, dropIn, example } from "./plugin";
import type { Server } from "./server";

const string = (value: string) => ({
  "@type": "type.googleapis.com/google.protobuf.StringValue",
  value,
});
const int = (value: number) => ({
  "@type": "type.googleapis.com/google.protobuf.Int32Value",
  value,
});
const double = (value: number) => ({
  "@type": "type.googleapis.com/google.protobuf.DoubleValue",
  value,
});
const list = (...values: unknown[]) => ({
  "@type": "type.googleapis.com/taskscheduler.ListValue",
  values,
});
const map = (fields: Record<string, unknown>) => ({
  "@type": "type.googleapis.com/taskscheduler.MapValue",
  fields,
});

/** Arguments as the public rpc takes them in JSON. */
export const argument = { string, int, double, list, map };

/** Waits until a task can be called: its plugin is loaded. */
export async function callable(server: Server, method: string): Promise<void> {
  for (;;) {
    const answer = await server.call("DescribeTask", { method });
    if (answer.code === undefined) return;
    if (answer.code !== "not_found") throw new Error(JSON.stringify(answer));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Gives a server something of everything that pages show. */
export async function stock(server: Server): Promise<void> {
  dropIn(compile(example), server.libraries, "demo");
  writeFileSync(join(server.libraries, "libbroken.so"), "no library");
  await callable(server, "demo::summarize");
  const summarized = list(double(1), double(2.5));
  await server.submit({
    taskId: "kept",
    method: "demo::summarize",
    args: [summarized, map({ first: int(1), second: list(int(2), string("three")) })],
    labels: { team: "red", ticket: "A-12" },
  });
  await server.submit({ taskId: "after", method: "ping", deps: ["kept"] });
  for (let i = 1; i <= 20; i++) {
    await server.submit({ method: "add", args: [int(i), int(1)] });
    await server.submit({ method: "echo_string", args: [string(randomUUID())] });
  }
  for (let i = 1; i <= 3; i++) {
    await spoil(server, `spoilt-${i}`);
    await server.submit({ method: "fibonacci", args: [string("no number")] });
    const startAt = new Date(Date.now() + i * 3_600_000).toISOString();
    await server.submit({ taskId: `later-${i}`, method: "ping", startAt, detached: true });
  }
  await server.submit({
    taskId: "long",
    method: "demo::delayed_echo",
    args: [string("at the end"), int(600_000)],
    detached: true,
  });
}

/** Makes a dead letter: a task that fails at the last of its attempts. */
export async function spoil(server: Server, id: string, labels = {}): Promise<void> {
  await server.submit({
    taskId: id,
    method: "demo::multiply",
    args: [factor("9223372036854775807"), factor("2")],
    retry: { maxAttempts: 2, initialBackoff: "0.001s", codes: [3] },
    labels,
  });
}

function factor(value: string) {
  return { "@type": "type.googleapis.com/google.protobuf.Int64Value", value };
}
