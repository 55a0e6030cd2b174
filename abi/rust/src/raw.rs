//! task_plugin.h, for what `tasks!` makes.

use crate::{Args, Failure, Later};
use std::cell::Cell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::{mem, ptr, slice};

pub(crate) const OK: i32 = 0;
pub(crate) const FAILED: i32 = 1;
pub(crate) const RETRY: i32 = 2;
pub(crate) const CANCELLED: i32 = 3;
pub(crate) const BAD_ARGUMENTS: i32 = 4;
const PENDING: i32 = 100;

#[repr(C)]
pub struct Host {
    size: u32,
    abi: u32,
    finish: extern "C" fn(u64, i32, *const Value),
    pub(crate) log: extern "C" fn(u64, i32, *const u8, u64),
    pub(crate) progress: extern "C" fn(u64, f64, *const u8, u64),
}

#[repr(C)]
pub struct Call {
    size: u32,
    attempt: u32,
    id: u64,
    cancelled: *const AtomicI32,
    deadline_unix_ns: i64,
    task_id: *const u8,
    task_id_len: u64,
}

type Run = unsafe extern "C" fn(*const Call, *const Value, u64, *mut Value) -> i32;

#[repr(C)]
pub struct Entry {
    name: *const u8,
    flags: u32,
    reserved: u32,
    run: Run,
    signature: *const u8,
    doc: *const u8,
}

// It never changes.
unsafe impl Sync for Entry {}

impl Entry {
    /// The texts end in a zero byte.
    pub const fn new(name: &'static str, flags: u32, run: Run, signature: &'static str, doc: &'static str) -> Self {
        Entry { name: name.as_ptr(), flags, reserved: 0, run, signature: text(signature), doc: text(doc) }
    }
}

/// Null for an empty text.
const fn text(text: &'static str) -> *const u8 {
    if text.len() == 1 { ptr::null() } else { text.as_ptr() }
}

#[repr(C)]
pub struct Plugin {
    magic: u64,
    abi: u32,
    size: u32,
    tasks: *const Entry,
    ntasks: u64,
    entry_size: u64,
    release: Option<unsafe extern "C" fn(*mut Value)>,
    shutdown: Option<extern "C" fn()>,
    version: *const u8,
    doc: *const u8,
}

static HOST: AtomicPtr<Host> = AtomicPtr::new(ptr::null_mut());

pub(crate) fn host() -> Option<&'static Host> {
    unsafe { HOST.load(Ordering::Acquire).as_ref() }
}

pub fn start(host: *const Host, tasks: &'static [Entry], version: &'static str, doc: &'static str) -> *const Plugin {
    HOST.store(host.cast_mut(), Ordering::Release);
    Box::leak(Box::new(Plugin {
        magic: 0x314e474c504b5354,
        abi: 1,
        size: mem::size_of::<Plugin>() as u32,
        tasks: tasks.as_ptr(),
        ntasks: tasks.len() as u64,
        entry_size: mem::size_of::<Entry>() as u64,
        release: Some(release),
        shutdown: None,
        version: text(version),
        doc: text(doc),
    }))
}

unsafe extern "C" fn release(output: *mut Value) {
    (*output).free()
}

impl Call {
    unsafe fn open(&self) -> crate::Call {
        let task_id = slice::from_raw_parts(self.task_id, self.task_id_len as usize);
        crate::Call {
            id: self.id,
            attempt: self.attempt,
            deadline_unix_ns: self.deadline_unix_ns,
            task_id: String::from_utf8_lossy(task_id).into_owned(),
            flag: self.cancelled,
        }
    }
}

/// Runs a function that answers by returning.
pub unsafe fn run_sync<T: Into<crate::Value>>(
    f: impl Fn(&crate::Call, Args) -> Result<T, Failure>,
    call: *const Call, args: *const Value, n: u64, output: *mut Value,
) -> i32 {
    let (call, args) = ((*call).open(), Args(decode(args, n)));
    answer(unless_panicked(|| f(&call, args).map(Into::into)), &mut *output)
}

thread_local! {
    static STARTING: Cell<u64> = const { Cell::new(0) };
}

/// Whether this thread is in the function of the async call of that id.
pub(crate) fn is_starting(id: u64) -> bool {
    STARTING.get() == id
}

/// Runs a function that answers by `Later::finish`.
pub unsafe fn run_async(f: impl Fn(Later, Args), call: *const Call, args: *const Value, n: u64) -> i32 {
    let id = (*call).id;
    let (call, args) = (Later(Some((*call).open())), Args(decode(args, n)));
    STARTING.set(id);
    let started = unless_panicked(|| {
        f(call, args);
        Ok(crate::Value::Null)
    });
    STARTING.set(0);
    if started.is_err() {
        finish(id, started)
    }
    PENDING
}

/// What a function returns, or what it said when it panicked: a panic that left the plugin
/// would end its process.
pub(crate) fn unless_panicked(f: impl FnOnce() -> Result<crate::Value, Failure>) -> Result<crate::Value, Failure> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|cause| {
        let text = cause.downcast_ref::<&str>().copied().or(cause.downcast_ref::<String>().map(|text| text.as_str()));
        Err(Failure::failed(format!("the task panicked: {}", text.unwrap_or("no message"))))
    })
}

pub(crate) fn finish(id: u64, result: Result<crate::Value, Failure>) {
    let mut output = Value::NULL;
    let status = answer(result, &mut output);
    if let Some(host) = host() {
        (host.finish)(id, status, &output)
    }
    output.free()
}

fn answer(result: Result<crate::Value, Failure>, output: &mut Value) -> i32 {
    let (status, value) = match result {
        Ok(value) => (OK, value),
        Err(failure) => (failure.status, failure.message.into()),
    };
    *output = Value::new(value);
    status
}

#[repr(C)]
pub struct Value {
    kind: u32,
    reserved: u32,
    bits: u64, // the union: a number's bits or a pointer
    n: u64,
}

unsafe fn decode(values: *const Value, n: u64) -> Vec<crate::Value> {
    slice::from_raw_parts(values, n as usize).iter().map(|v| v.decode()).collect()
}

impl Value {
    const NULL: Value = Value { kind: 0, reserved: 0, bits: 0, n: 0 };

    fn pointer<T>(&self) -> *mut T {
        self.bits as usize as *mut T
    }

    unsafe fn decode(&self) -> crate::Value {
        use crate::Value as V;
        let bytes = || slice::from_raw_parts(self.pointer::<u8>(), self.n as usize);
        match self.kind {
            1 => V::Bool(self.bits != 0),
            2 => V::Int32(self.bits as i32),
            3 => V::Int64(self.bits as i64),
            4 => V::Uint32(self.bits as u32),
            5 => V::Uint64(self.bits),
            6 => V::Float(f64::from_bits(self.bits) as f32),
            7 => V::Double(f64::from_bits(self.bits)),
            8 => V::String(String::from_utf8_lossy(bytes()).into_owned()),
            9 => V::Bytes(bytes().to_vec()),
            10 => V::List(decode(self.pointer(), self.n)),
            11 => {
                let mut items = decode(self.pointer(), 2 * self.n).into_iter();
                let mut fields = Vec::with_capacity(self.n as usize);
                while let (Some(V::String(key)), Some(field)) = (items.next(), items.next()) {
                    fields.push((key, field));
                }
                V::Map(fields)
            }
            _ => V::Null,
        }
    }

    fn new(v: crate::Value) -> Self {
        use crate::Value as V;
        let kind = v.kind_number();
        let bits = match v {
            V::Null => 0,
            V::Bool(b) => b as u64,
            V::Int32(i) => i as i64 as u64,
            V::Int64(i) => i as u64,
            V::Uint32(u) => u as u64,
            V::Uint64(u) => u,
            V::Float(f) => (f as f64).to_bits(),
            V::Double(f) => f.to_bits(),
            V::String(s) => return Self::own(kind, 1, s.into_bytes()),
            V::Bytes(b) => return Self::own(kind, 1, b),
            V::List(items) => return Self::own(kind, 1, items.into_iter().map(Self::new).collect()),
            V::Map(fields) => {
                let pair = |(key, field)| [Self::new(V::String(key)), Self::new(field)];
                return Self::own(kind, 2, fields.into_iter().flat_map(pair).collect());
            }
        };
        Value { kind, bits, ..Self::NULL }
    }

    /// A value that owns what it points to, until `free`.
    fn own<T>(kind: u32, things_each: u64, things: Vec<T>) -> Self {
        let things = Box::leak(things.into_boxed_slice());
        Value { kind, reserved: 0, bits: things.as_ptr() as usize as u64, n: things.len() as u64 / things_each }
    }

    fn free(&mut self) {
        let n = if self.kind == 11 { 2 * self.n } else { self.n } as usize;
        unsafe {
            match self.kind {
                8 | 9 => drop(Box::from_raw(ptr::slice_from_raw_parts_mut(self.pointer::<u8>(), n))),
                10 | 11 => {
                    let mut items = Box::from_raw(ptr::slice_from_raw_parts_mut(self.pointer::<Value>(), n));
                    items.iter_mut().for_each(Value::free);
                }
                _ => {}
            }
        }
        *self = Self::NULL;
    }
}

/// Whether the host says so elsewhere than in the call.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) unsafe fn cancelled(_: u64) -> bool {
    false
}

#[cfg(target_arch = "wasm32")]
pub(crate) use module::cancelled;
#[cfg(target_arch = "wasm32")]
pub use module::{tp_buf, tp_call, wasm_host};

/// What a WebAssembly module exports and imports.
#[cfg(target_arch = "wasm32")]
mod module {
    use super::*;
    use std::cell::UnsafeCell;

    mod host {
        #[link(wasm_import_module = "task_host")]
        extern "C" {
            pub fn finish(id: u64, status: i32, output: *const super::Value);
            pub fn log(id: u64, level: i32, text: *const u8, n: u64);
            pub fn progress(id: u64, fraction: f64, note: *const u8, n: u64);
            pub fn cancelled(id: u64) -> i32;
        }
    }

    extern "C" fn finish(id: u64, status: i32, output: *const Value) {
        unsafe { host::finish(id, status, output) }
    }
    extern "C" fn log(id: u64, level: i32, text: *const u8, n: u64) {
        unsafe { host::log(id, level, text, n) }
    }
    extern "C" fn progress(id: u64, fraction: f64, note: *const u8, n: u64) {
        unsafe { host::progress(id, fraction, note, n) }
    }
    pub(crate) unsafe fn cancelled(id: u64) -> bool {
        host::cancelled(id) != 0
    }

    pub fn wasm_host() -> *const Host {
        static HOST: Host = Host { size: mem::size_of::<Host>() as u32, abi: 1, finish, log, progress };
        &HOST
    }

    /// An instance has one thread.
    struct Own<T>(UnsafeCell<T>);
    unsafe impl<T> Sync for Own<T> {}

    static INPUT: Own<Vec<u64>> = Own(UnsafeCell::new(Vec::new()));
    static LAST: Own<Value> = Own(UnsafeCell::new(Value::NULL)); // what the host has copied when the next call comes

    /// Memory for a call and its arguments, kept until more is asked for.
    pub unsafe fn tp_buf(n: u32) -> *mut u64 {
        let input = &mut *INPUT.0.get();
        let words = n as usize / 8 + 1;
        if input.len() < words {
            *input = Vec::new();
            *input = vec![0; words.max(8192)];
        }
        input.as_mut_ptr()
    }

    pub unsafe fn tp_call(tasks: &[Entry], index: u32, call: *const Call, args: *const Value, n: u64, output: *mut Value) -> i32 {
        (*LAST.0.get()).free();
        let status = (tasks[index as usize].run)(call, args, n, output);
        if status != PENDING {
            *LAST.0.get() = ptr::read(output);
        }
        status
    }
}
