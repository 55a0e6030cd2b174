// Calls Task Scheduler from TypeScript. usage: client.js URL [CA.PEM]
import { readFileSync } from "node:fs";
import { create, createRegistry, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Any,
  anyPack,
  anyUnpack,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  FloatValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { type Client, Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  type ListValue,
  ListValueSchema,
  type MapValue,
  MapValueSchema,
  type TaskEvent,
  TaskRequestSchema,
  TaskResponse_Status,
  TaskScheduler,
} from "./gen/taskscheduler/task_scheduler_pb.js";

type Value = boolean | number | bigint | string | Uint8Array | Value[] | { [key: string]: Value };

function any<T extends DescMessage>(schema: T, init: MessageInitShape<T>): Any {
  return anyPack(schema, create(schema, init));
}

// A value as an argument. A whole number is an Int32 if it fits, any other a
// Double; a task takes either where it is exact. A bigint is an Int64 or UInt64.
export function pack(value: Value): Any {
  if (typeof value === "boolean") return any(BoolValueSchema, { value });
  if (typeof value === "bigint") {
    return value === BigInt.asIntN(64, value) ? any(Int64ValueSchema, { value }) : any(UInt64ValueSchema, { value });
  }
  if (typeof value === "number") {
    return value === (value | 0) ? any(Int32ValueSchema, { value }) : any(DoubleValueSchema, { value });
  }
  if (typeof value === "string") return any(StringValueSchema, { value });
  if (value instanceof Uint8Array) return any(BytesValueSchema, { value });
  if (Array.isArray(value)) return any(ListValueSchema, { values: value.map(pack) });
  const fields = Object.entries(value).map(([key, item]) => [key, pack(item)]);
  return any(MapValueSchema, { fields: Object.fromEntries(fields) });
}

// Every type that an Any may hold: JSON has to know them, and unpack does.
const registry = createRegistry(
  BoolValueSchema, BytesValueSchema, DoubleValueSchema, FloatValueSchema, Int32ValueSchema, Int64ValueSchema,
  StringValueSchema, UInt32ValueSchema, UInt64ValueSchema, ListValueSchema, MapValueSchema,
);

// The value of an answer to a request with typedResult.
export function unpack(packed: Any): Value {
  const message = anyUnpack(packed, registry);
  switch (message?.$typeName) {
    case undefined:
      throw new TypeError(`${packed.typeUrl} is no type of the contract`);
    case ListValueSchema.typeName:
      return (message as ListValue).values.map(unpack);
    case MapValueSchema.typeName:
      return Object.fromEntries(Object.entries((message as MapValue).fields).map(([key, item]) => [key, unpack(item)]));
    default:
      return (message as unknown as { value: Value }).value;
  }
}

// Connect reads no service config: calls that the server could not take up are
// made again here. A task with an id of the caller's runs once.
const retry: Interceptor = (next) => async (request) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await next(request);
    } catch (error) {
      const again = !request.stream && ConnectError.from(error).code === Code.Unavailable && attempt < 5;
      if (!again) throw error;
      await new Promise((wake) => setTimeout(wake, Math.random() * 100 * 2 ** attempt));
    }
  }
};

// What happens to a task until it has ended, over as many connections as that
// takes.
async function* watch(tasks: Client<typeof TaskScheduler>, taskId: string): AsyncGenerator<TaskEvent> {
  for (let after = 0n; ; await new Promise((wake) => setTimeout(wake, 1000))) {
    try {
      for await (const event of tasks.watchTask({ taskId, after }, { timeoutMs: 0 })) {
        after = event.number;
        yield event;
        if (event.event.case === "ended") return;
      }
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unavailable) throw error;
    }
  }
}

async function main(baseUrl: string, caFile?: string) {
  const options = {
    baseUrl,
    interceptors: [retry],
    defaultTimeoutMs: 60_000,
    nodeOptions: caFile === undefined ? {} : { ca: readFileSync(caFile) },
  };
  const tasks = createClient(TaskScheduler, createGrpcTransport(options));

  const sum = await tasks.submitTask({ method: "add", args: [1, 2, 3].map(pack) });
  console.log("SubmitTask:", sum.result);

  const person = { name: "Ada", age: 36, isStudent: false, scores: [88.5, 95.5] };
  const json = createConnectTransport({ ...options, httpVersion: "2", useBinaryFormat: false, jsonOptions: { registry } });
  const described = await createClient(TaskScheduler, json).submitTask({ method: "process_person_map", args: [pack(person)] });
  console.log("SubmitTask:", described.result);

  try {
    await tasks.submitTask({ method: "nix" });
  } catch (error) {
    const failure = ConnectError.from(error);
    console.log("SubmitTask:", Code[failure.code], failure.rawMessage);
  }

  const taskId = "typescript-f50";
  await tasks.submitTask({ taskId, method: "fibonacci", args: [pack(50)], detached: true });
  console.log("WaitResult:", (await tasks.waitResult({ taskId, timeoutMs: 30_000n })).result);
  console.log("GetResult:", TaskResponse_Status[(await tasks.getResult({ taskId })).status]);

  await tasks.submitTask({ taskId: "typescript-d", method: "delete", args: [pack("x")], detached: true });
  for await (const { event } of watch(tasks, "typescript-d")) {
    if (event.case === "progress") console.log("WatchTask:", event.value.fraction, event.value.note);
    if (event.case === "log") console.log("WatchTask:", event.value.text);
    if (event.case === "ended") console.log("WatchTask:", TaskResponse_Status[event.value.status], event.value.result);
  }

  const waits = { taskId: "typescript-waits", method: "ping", deps: ["nobody"], dependencyTimeoutMs: 60_000n, detached: true };
  await tasks.submitTask(waits);
  console.log("CancelTask:", (await tasks.cancelTask({ taskId: waits.taskId })).cancelled);

  console.log("GetNodeInfo:", (await tasks.getNodeInfo({})).methods.includes("add"));

  console.log("DescribeTask:", (await tasks.describeTask({ method: "add" })).signature);

  const sum2 = { taskId: "typescript-sum", method: "add", args: [1, 2].map(pack), typedResult: true };
  const pong = { method: "ping", deps: [sum2.taskId], injectDependencyResults: true, typedResult: true };
  const batch = await tasks.submitBatch({ tasks: [sum2, pong] });
  console.log("SubmitBatch:", JSON.stringify(batch.results.map((answer) => unpack(answer.value!))));

  async function* requests() {
    for (let i = 1; i <= 100; i++) {
      yield create(TaskRequestSchema, { sequence: BigInt(i), method: "add", args: [i, 10].map(pack) });
    }
  }
  let total = 0;
  for await (const answer of tasks.submitTasks(requests())) total += Number(answer.result);
  console.log("SubmitTasks:", total);
}

const [baseUrl, caFile] = process.argv.slice(2);
await main(baseUrl ?? "http://127.0.0.1:50051", caFile);
