// Calls Task Scheduler from TypeScript. usage: client.js URL [CA.PEM]
import { readFileSync } from "node:fs";
import { create, createRegistry, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Any,
  anyPack,
  BoolValueSchema,
  BytesValueSchema,
  DoubleValueSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  ListValueSchema,
  MapValueSchema,
  TaskRequestSchema,
  TaskResponse_Status,
  TaskScheduler,
} from "./gen/taskscheduler/task_scheduler_pb.js";

type Value = boolean | number | bigint | string | Uint8Array | Value[] | { [key: string]: Value };

function any<T extends DescMessage>(schema: T, init: MessageInitShape<T>): Any {
  return anyPack(schema, create(schema, init));
}

// A value as an argument. A whole number is an Int32 if it fits, any other a
// Double; a task takes either where it is exact. A bigint is an Int64.
export function pack(value: Value): Any {
  if (typeof value === "boolean") return any(BoolValueSchema, { value });
  if (typeof value === "bigint") return any(Int64ValueSchema, { value });
  if (typeof value === "number") {
    return value === (value | 0) ? any(Int32ValueSchema, { value }) : any(DoubleValueSchema, { value });
  }
  if (typeof value === "string") return any(StringValueSchema, { value });
  if (value instanceof Uint8Array) return any(BytesValueSchema, { value });
  if (Array.isArray(value)) return any(ListValueSchema, { values: value.map(pack) });
  const fields = Object.entries(value).map(([key, item]) => [key, pack(item)]);
  return any(MapValueSchema, { fields: Object.fromEntries(fields) });
}

// JSON has to know every type that an Any may hold. Protobuf doesn't need this.
const registry = createRegistry(
  BoolValueSchema, BytesValueSchema, DoubleValueSchema, Int32ValueSchema, Int64ValueSchema, StringValueSchema,
  ListValueSchema, MapValueSchema,
);

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

  const waits = { taskId: "typescript-waits", method: "ping", deps: ["nobody"], dependencyTimeoutMs: 60_000n, detached: true };
  await tasks.submitTask(waits);
  console.log("CancelTask:", (await tasks.cancelTask({ taskId: waits.taskId })).cancelled);

  console.log("GetNodeInfo:", (await tasks.getNodeInfo({})).methods.includes("add"));

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
