// task_plugin.h in AssemblyScript: one file to copy beside index.ts.
//
//   import { about, task, Call, Value } from "./task_plugin";
//   export { tp_init, tp_buf, tp_call } from "./task_plugin";
//
//   about("1.0.0", "Greets.");
//   task("greet", greet, "(name: string) -> string", "Says hello.");
//
//   function greet(call: Call, args: Value[]): Value {
//     return Value.text("hello " + args[0].string);
//   }
//
// AssemblyScript has no exceptions: a task that fails returns call.fail(Status.BadArguments, "why"). What aborts fails
// its call as well, with the message in the log. With a signature, whose grammar is in task_plugin.h, the server refuses
// other arguments before the task is called, and makes numbers of the kinds in it.

export enum Kind { Null, Bool, Int32, Int64, Uint32, Uint64, Float, Double, String, Bytes, List, Map }
export enum Status { OK, Failed, Retry, Cancelled, BadArguments }
export enum Level { Debug = -4, Info = 0, Warn = 4, Error = 8 }

/** An argument or a result. */
export class Value {
  kind: Kind = Kind.Null;
  bits: u64 = 0; // of a number
  string: string = "";
  bytes: ArrayBuffer = new ArrayBuffer(0);
  items: Value[] = []; // of a list; of a map a key, its value, the next key, and so on

  static null(): Value { return new Value(); }
  static bool(b: bool): Value { return Value.number(Kind.Bool, b ? 1 : 0); }
  static int32(i: i32): Value { return Value.number(Kind.Int32, <u64><i64>i); }
  static int64(i: i64): Value { return Value.number(Kind.Int64, <u64>i); }
  static uint32(u: u32): Value { return Value.number(Kind.Uint32, u); }
  static uint64(u: u64): Value { return Value.number(Kind.Uint64, u); }
  static float(f: f32): Value { return Value.number(Kind.Float, reinterpret<u64>(<f64>f)); }
  static double(f: f64): Value { return Value.number(Kind.Double, reinterpret<u64>(f)); }
  static text(s: string): Value { const v = Value.number(Kind.String, 0); v.string = s; return v; }
  static blob(b: ArrayBuffer): Value { const v = Value.number(Kind.Bytes, 0); v.bytes = b; return v; }
  static list(items: Value[]): Value { const v = Value.number(Kind.List, 0); v.items = items; return v; }
  static map(fields: Map<string, Value>): Value {
    const v = Value.number(Kind.Map, 0), keys = fields.keys();
    for (let i = 0; i < keys.length; i++) { v.items.push(Value.text(keys[i])); v.items.push(fields.get(keys[i])); }
    return v;
  }

  get bool(): bool { return this.bits != 0; }
  get int(): i64 { return <i64>this.bits; }                       // of int32, int64
  get uint(): u64 { return this.bits; }                           // of uint32, uint64
  get double(): f64 { return reinterpret<f64>(this.bits); }       // of float, double
  get fields(): Map<string, Value> {                              // of a map
    const all = new Map<string, Value>();
    for (let i = 0; i + 1 < this.items.length; i += 2) all.set(this.items[i].string, this.items[i + 1]);
    return all;
  }

  private static number(kind: Kind, bits: u64): Value {
    const v = new Value();
    v.kind = kind;
    v.bits = bits;
    return v;
  }
}

/** A running call. */
export class Call {
  status: Status = Status.OK;
  constructor(private at: usize) {}

  get id(): u64 { return load<u64>(this.at, 8); }
  get attempt(): u32 { return load<u32>(this.at, 4); }
  get deadlineUnixNs(): i64 { return load<i64>(this.at, 24); }
  get taskID(): string { return String.UTF8.decodeUnsafe(load<u32>(this.at, 32), <usize>load<u64>(this.at, 40)); }
  /** True once the caller has given up, or time is over. */
  get cancelled(): bool { return host_cancelled(this.id) != 0; }

  /** What a task returns that ends otherwise than well. */
  fail(status: Status, message: string): Value {
    this.status = status;
    return Value.text(message);
  }
  log(level: Level, text: string): void {
    const utf8 = String.UTF8.encode(text);
    host_log(this.id, level, changetype<usize>(utf8), utf8.byteLength);
  }
  /** How far the call is, from 0 to 1. */
  progress(fraction: f64, note: string = ""): void {
    const utf8 = String.UTF8.encode(note);
    host_progress(this.id, fraction, changetype<usize>(utf8), utf8.byteLength);
  }
  /** Sleeps, until the call is cancelled at most. */
  sleep(milliseconds: u32): void {
    store<u64>(sleeping, 0, 0);
    store<u64>(sleeping, 0, 8);
    store<u64>(sleeping, 1, 16); // the monotonic clock
    store<u64>(sleeping, <u64>milliseconds * 1_000_000, 24);
    store<u64>(sleeping, 0, 32);
    store<u64>(sleeping, 0, 40);
    wasi_poll(sleeping, sleeping + 48, 1, sleeping + 80);
  }
}

type Run = (call: Call, args: Value[]) => Value;

class Task {
  constructor(public name: string, public run: Run, public signature: string, public doc: string, public waits: bool) {}
}

const tasks: Task[] = [];
let version = "", doc = "";

/** Says which version the plugin has and what it is for. */
export function about(pluginVersion: string, pluginDoc: string): void { version = pluginVersion; doc = pluginDoc; }

/** Makes a function a task. One that waits most of its time says so. */
export function task(name: string, run: Run, signature: string = "", doc: string = "", waits: bool = false): void {
  tasks.push(new Task(name, run, signature, doc, waits));
}

// From here on as in the header, with pointers of 32 bits in the lower half of 8 bytes.

// @ts-ignore: decorator
@external("task_host", "finish") declare function host_finish(id: u64, status: i32, output: usize): void;
// @ts-ignore: decorator
@external("task_host", "log") declare function host_log(id: u64, level: i32, text: usize, n: u64): void;
// @ts-ignore: decorator
@external("task_host", "progress") declare function host_progress(id: u64, fraction: f64, note: usize, n: u64): void;
// @ts-ignore: decorator
@external("task_host", "cancelled") declare function host_cancelled(id: u64): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "poll_oneoff") declare function wasi_poll(subscriptions: usize, events: usize, n: u32, ready: usize): i32;

const sleeping = heap.alloc(96);
const VALUE: usize = 24;

/** A copy of a text that stays, terminated; 0 for an empty one. */
function text(s: string): u32 {
  if (s.length == 0) return 0;
  const n = String.UTF8.byteLength(s, true), at = heap.alloc(n);
  String.UTF8.encodeUnsafe(changetype<usize>(s), s.length, at, true);
  return <u32>at;
}

export function tp_init(): usize {
  const ENTRY: usize = 24, TABLE: usize = 56;
  const rows = heap.alloc(ENTRY * tasks.length + 1), table = heap.alloc(TABLE);
  for (let i = 0; i < tasks.length; i++) {
    const row = rows + ENTRY * i, t = tasks[i];
    store<u32>(row, text(t.name));
    store<u32>(row, t.waits ? 1 : 0, 4);
    store<u32>(row, 0, 8);
    store<u32>(row, 1, 12); // the server calls tp_call
    store<u32>(row, text(t.signature), 16);
    store<u32>(row, text(t.doc), 20);
  }
  memory.fill(table, 0, TABLE);
  store<u64>(table, 0x314e474c504b5354);
  store<u32>(table, 1, 8);
  store<u32>(table, <u32>TABLE, 12);
  store<u32>(table, <u32>rows, 16);
  store<u64>(table, tasks.length, 24);
  store<u64>(table, ENTRY, 32);
  store<u32>(table, text(version), 48);
  store<u32>(table, text(doc), 52);
  return table;
}

let input: usize = 0, size: u32 = 0;

/** Memory for a call and its arguments, kept until more is asked for. */
export function tp_buf(n: u32): usize {
  if (n > size || input == 0) {
    if (input) heap.free(input);
    size = max(n, 65536);
    input = heap.alloc(size);
  }
  return input;
}

// @ts-ignore: decorator
@lazy const running: usize = memory.data(8); // the id of the call that runs, for aborted

/** An instance runs one call at a time: one that waits answers before it returns as well. */
export function tp_call(index: i32, at: usize, args: usize, nargs: u64, output: usize): i32 {
  for (let i = 0; i < held.length; i++) heap.free(held[i]); // the server has read what the last call left there
  held = [];
  const call = new Call(at);
  store<u64>(running, call.id);
  const result = tasks[index].run(call, decodeAll(args, <i32>nargs));
  store<u64>(running, 0);
  encode(result, output);
  return call.status;
}

let held: usize[] = [];

function allocate(n: usize): usize {
  const at = heap.alloc(n + 1);
  held.push(at);
  return at;
}

function decodeAll(at: usize, n: i32): Value[] {
  const values: Value[] = [];
  for (let i = 0; i < n; i++) values.push(decode(at + VALUE * i));
  return values;
}

function decode(at: usize): Value {
  const v = new Value(), pointer = <usize>load<u32>(at, 8), n = <usize>load<u64>(at, 16);
  v.kind = load<u32>(at);
  switch (v.kind) {
    case Kind.String: v.string = String.UTF8.decodeUnsafe(pointer, n); break;
    case Kind.Bytes:
      v.bytes = new ArrayBuffer(<i32>n);
      memory.copy(changetype<usize>(v.bytes), pointer, n);
      break;
    case Kind.List: v.items = decodeAll(pointer, <i32>n); break;
    case Kind.Map: v.items = decodeAll(pointer, 2 * <i32>n); break;
    default: v.bits = load<u64>(at, 8);
  }
  return v;
}

function encode(v: Value, to: usize): void {
  store<u32>(to, v.kind);
  store<u32>(to, 0, 4);
  store<u64>(to, v.bits, 8);
  store<u64>(to, 0, 16);
  switch (v.kind) {
    case Kind.String: encodeBytes(String.UTF8.encode(v.string), to); break;
    case Kind.Bytes: encodeBytes(v.bytes, to); break;
    case Kind.List:
    case Kind.Map: {
      const items = allocate(VALUE * v.items.length);
      for (let i = 0; i < v.items.length; i++) encode(v.items[i], items + VALUE * i);
      store<u64>(to, items, 8);
      store<u64>(to, v.kind == Kind.Map ? v.items.length / 2 : v.items.length, 16);
    }
  }
}

function encodeBytes(bytes: ArrayBuffer, to: usize): void {
  const at = allocate(bytes.byteLength);
  memory.copy(at, changetype<usize>(bytes), bytes.byteLength);
  store<u64>(to, at, 8);
  store<u64>(to, bytes.byteLength, 16);
}

/** What AssemblyScript calls when something can't go on: asconfig.json says so. */
export function aborted(message: string | null, file: string | null, line: u32, column: u32): void {
  const text = (message ? message : "aborted") + " (" + (file ? file : "?") + ":" + line.toString() + ":" + column.toString() + ")";
  const utf8 = String.UTF8.encode(text);
  host_log(load<u64>(running), Level.Error, changetype<usize>(utf8), utf8.byteLength);
  unreachable();
}
