//! task_plugin.h in Zig, for libraries and for WebAssembly: one file to copy.
//!
//!     const tp = @import("task_plugin.zig");
//!
//!     comptime {
//!         tp.plugin(.{ .version = "1.0.0", .doc = "Greets.", .tasks = &.{
//!             .{ .name = "greet", .run = greet, .signature = "(name: string) -> string", .doc = "Says hello." },
//!         } });
//!     }
//!
//!     fn greet(call: *tp.Call, args: []const tp.Value) !tp.Value {
//!         return tp.string(try call.print("hello {s}", .{args[0].text()}));
//!     }
//!
//! An error fails the call: error.BadArguments, error.Retry and error.Cancelled with the status of that name, others
//! as FAILED, all with the text that call.fail got or else the error's name. What call.print and call.allocator give
//! is freed with the call. With a signature, whose grammar is in task_plugin.h, the server refuses other arguments
//! before the task is called, and makes numbers of the kinds in it.

const std = @import("std");
const builtin = @import("builtin");

const wasm = builtin.cpu.arch == .wasm32;

pub const Kind = enum(u32) { null, bool, int32, int64, uint32, uint64, float, double, string, bytes, list, map, _ };

/// An argument or a result.
pub const Value = extern struct {
    kind: Kind = .null,
    reserved: u32 = 0,
    payload: u64 = 0, // a number's bits or a pointer
    n: u64 = 0,

    pub fn boolean(v: Value) bool {
        return v.payload != 0;
    }
    /// Of int32, int64.
    pub fn int(v: Value) i64 {
        return @bitCast(v.payload);
    }
    /// Of uint32, uint64.
    pub fn uint(v: Value) u64 {
        return v.payload;
    }
    /// Of float, double.
    pub fn number(v: Value) f64 {
        return @bitCast(v.payload);
    }
    /// Of string, bytes.
    pub fn text(v: Value) []const u8 {
        return v.pointer(u8)[0..@intCast(v.n)];
    }
    /// A list's items; of a map a key, its value, the next key, and so on.
    pub fn items(v: Value) []const Value {
        return v.pointer(Value)[0..@intCast(if (v.kind == .map) 2 * v.n else v.n)];
    }

    fn pointer(v: Value, comptime T: type) [*]const T {
        return @ptrFromInt(@as(usize, @truncate(v.payload)));
    }
};

pub fn boolean(b: bool) Value {
    return .{ .kind = .bool, .payload = @intFromBool(b) };
}
pub fn int64(i: i64) Value {
    return .{ .kind = .int64, .payload = @bitCast(i) };
}
pub fn uint64(u: u64) Value {
    return .{ .kind = .uint64, .payload = u };
}
pub fn double(f: f64) Value {
    return .{ .kind = .double, .payload = @bitCast(f) };
}
pub fn string(text: []const u8) Value {
    return .{ .kind = .string, .payload = @intFromPtr(text.ptr), .n = text.len };
}
pub fn bytes(b: []const u8) Value {
    return .{ .kind = .bytes, .payload = @intFromPtr(b.ptr), .n = b.len };
}
pub fn list(items: []const Value) Value {
    return .{ .kind = .list, .payload = @intFromPtr(items.ptr), .n = items.len };
}
/// Of a key, its value, the next key, and so on.
pub fn map(items: []const Value) Value {
    return .{ .kind = .map, .payload = @intFromPtr(items.ptr), .n = items.len / 2 };
}

/// A running call.
pub const Call = struct {
    raw: ?*const RawCall = null,
    arena: std.heap.ArenaAllocator,
    message: []const u8 = "",

    /// A call for tests: it is never cancelled, and nobody hears what it says.
    pub fn forTests() Call {
        return .{ .arena = std.heap.ArenaAllocator.init(backing) };
    }
    pub fn deinit(call: *Call) void {
        call.arena.deinit();
    }
    /// Memory until the call has ended.
    pub fn allocator(call: *Call) std.mem.Allocator {
        return call.arena.allocator();
    }
    pub fn print(call: *Call, comptime format: []const u8, args: anytype) ![]const u8 {
        return std.fmt.allocPrint(call.allocator(), format, args);
    }
    /// Says why the task fails with an error: return call.fail(error.BadArguments, "…", .{}).
    pub fn fail(call: *Call, err: anyerror, comptime format: []const u8, args: anytype) anyerror {
        call.message = call.print(format, args) catch "";
        return err;
    }
    pub fn attempt(call: *const Call) u32 {
        return if (call.raw) |raw| raw.attempt else 1;
    }
    pub fn cancelled(call: *const Call) bool {
        const raw = call.raw orelse return false;
        return raw.cancelled.* != 0 or (wasm and imports.cancelled(raw.id) != 0);
    }
    pub fn log(call: *const Call, level: Level, text: []const u8) void {
        if (call.raw) |raw| the_host.log(raw.id, @intFromEnum(level), text.ptr, text.len);
    }
    /// How far the call is, from 0 to 1.
    pub fn progress(call: *const Call, fraction: f64, note: []const u8) void {
        if (call.raw) |raw| the_host.progress(raw.id, fraction, note.ptr, note.len);
    }
};

pub const Level = enum(i32) { debug = -4, info = 0, warn = 4, err = 8 };

pub const Task = struct {
    name: [:0]const u8,
    run: *const fn (call: *Call, args: []const Value) anyerror!Value,
    signature: ?[:0]const u8 = null,
    doc: ?[:0]const u8 = null,
    /// It waits rather than works: it gets a thread of its own (in WebAssembly there are none, and it may wait as well).
    is_async: bool = false,
};

pub const Plugin = struct {
    version: [:0]const u8,
    doc: [:0]const u8,
    tasks: []const Task,
};

/// Makes the library or module a plugin. Call it in a comptime block.
pub fn plugin(comptime p: Plugin) void {
    const made = struct {
        const entries = blk: {
            var all: [p.tasks.len]Entry = undefined;
            for (p.tasks, 0..) |t, i| all[i] = .{
                .name = t.name,
                .flags = @intFromBool(t.is_async),
                .run = &Runner(t).run,
                .signature = if (t.signature) |s| s.ptr else null,
                .doc = if (t.doc) |d| d.ptr else null,
            };
            break :blk all;
        };
        const table = Table{ .tasks = &entries, .ntasks = entries.len, .version = p.version, .doc = p.doc };

        fn init(host: *const Host) callconv(.c) *const Table {
            the_host = host;
            return &table;
        }
        fn initModule() callconv(.c) *const Table {
            return init(&imports.host);
        }
        fn callModule(index: u32, call: *const RawCall, args: [*]const Value, n: u64, output: *Value) callconv(.c) i32 {
            release(&last);
            const status = entries[index].run(call, args, n, output);
            if (status != pending) last = output.*;
            return status;
        }
    };
    if (wasm) {
        @export(&made.initModule, .{ .name = "tp_init" });
        @export(&made.callModule, .{ .name = "tp_call" });
        @export(&moduleBuffer, .{ .name = "tp_buf" });
    } else {
        @export(&made.init, .{ .name = "init_plugin" });
    }
}

// From here on as in the header.

const pending = 100;
var the_host: *const Host = undefined;

const Host = extern struct {
    size: u32 = @sizeOf(Host),
    abi: u32 = 1,
    finish: *const fn (u64, i32, *const Value) callconv(.c) void,
    log: *const fn (u64, i32, [*]const u8, u64) callconv(.c) void,
    progress: *const fn (u64, f64, [*]const u8, u64) callconv(.c) void,
};

const RawCall = extern struct {
    size: u32,
    attempt: u32,
    id: u64,
    cancelled: *const volatile i32,
    deadline_unix_ns: i64,
    task_id: [*]const u8,
    task_id_len: u64,
};

const Entry = extern struct {
    name: [*:0]const u8,
    flags: u32,
    reserved: u32 = 0,
    run: *const fn (*const RawCall, [*]const Value, u64, *Value) callconv(.c) i32,
    signature: ?[*:0]const u8,
    doc: ?[*:0]const u8,
};

const Table = extern struct {
    magic: u64 = 0x314e474c504b5354,
    abi: u32 = 1,
    size: u32 = @sizeOf(Table),
    tasks: [*]const Entry,
    ntasks: u64,
    entry_size: u64 = @sizeOf(Entry),
    release: *const fn (*Value) callconv(.c) void = &release,
    shutdown: ?*const fn () callconv(.c) void = null,
    version: [*:0]const u8,
    doc: [*:0]const u8,
};

/// Runs a task by the ABI.
fn Runner(comptime task: Task) type {
    return struct {
        fn run(raw: *const RawCall, args: [*]const Value, n: u64, output: *Value) callconv(.c) i32 {
            if (!task.is_async) return answer(raw, args, n, output);
            if (wasm) {
                finish(raw, args, n);
                return pending;
            }
            const thread = std.Thread.spawn(.{}, finish, .{ raw, args, n }) catch {
                output.* = own(string("no thread for the task")) catch .{};
                return 2;
            };
            thread.detach();
            return pending;
        }

        fn finish(raw: *const RawCall, args: [*]const Value, n: u64) void {
            var output = Value{};
            const status = answer(raw, args, n, &output);
            the_host.finish(raw.id, status, &output);
            release(&output);
        }

        fn answer(raw: *const RawCall, args: [*]const Value, n: u64, output: *Value) i32 {
            var call = Call{ .raw = raw, .arena = std.heap.ArenaAllocator.init(backing) };
            defer call.deinit();
            const result: anyerror!Value = task.run(&call, args[0..@intCast(n)]);
            if (result) |v| {
                output.* = own(v) catch return 2;
                return 0;
            } else |err| {
                output.* = own(string(if (call.message.len > 0) call.message else @errorName(err))) catch .{};
                return switch (err) {
                    error.BadArguments => 4,
                    error.Cancelled => 3,
                    error.Retry, error.OutOfMemory => 2,
                    else => 1,
                };
            }
        }
    };
}

const backing = if (wasm) std.heap.wasm_allocator else std.heap.smp_allocator;

/// Copies what a value points to, for release to free.
fn own(v: Value) error{OutOfMemory}!Value {
    var copy = v;
    switch (v.kind) {
        .string, .bytes => copy.payload = @intFromPtr((try backing.dupe(u8, v.text())).ptr),
        .list, .map => {
            const items = try backing.alloc(Value, v.items().len);
            for (v.items(), items) |from, *to| to.* = try own(from);
            copy.payload = @intFromPtr(items.ptr);
        },
        else => {},
    }
    return copy;
}

fn release(v: *Value) callconv(.c) void {
    switch (v.kind) {
        .string, .bytes => backing.free(v.text()),
        .list, .map => {
            for (v.items()) |item| {
                var inner = item;
                release(&inner);
            }
            backing.free(v.items());
        },
        else => {},
    }
    v.* = .{};
}

// A module: one call at a time, no threads.

var last = Value{}; // what the server has copied when the next call comes
var input: []u64 = &.{};

fn moduleBuffer(n: u32) callconv(.c) ?[*]u64 {
    if (input.len * 8 < n) {
        backing.free(input);
        input = &.{};
        input = backing.alloc(u64, @max(n / 8 + 1, 8192)) catch return null;
    }
    if (input.len == 0) input = backing.alloc(u64, 8192) catch return null;
    return input.ptr;
}

const imports = struct {
    extern "task_host" fn finish(u64, i32, *const Value) void;
    extern "task_host" fn log(u64, i32, [*]const u8, u64) void;
    extern "task_host" fn progress(u64, f64, [*]const u8, u64) void;
    extern "task_host" fn cancelled(u64) i32;

    fn hostFinish(id: u64, status: i32, output: *const Value) callconv(.c) void {
        finish(id, status, output);
    }
    fn hostLog(id: u64, level: i32, text: [*]const u8, n: u64) callconv(.c) void {
        log(id, level, text, n);
    }
    fn hostProgress(id: u64, fraction: f64, note: [*]const u8, n: u64) callconv(.c) void {
        progress(id, fraction, note, n);
    }
    const host = Host{ .finish = &hostFinish, .log = &hostLog, .progress = &hostProgress };
};
