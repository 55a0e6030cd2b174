//! task_plugin.h in Rust. A plugin writes its tasks as functions of `Value`s and lists them:
//!
//!     abi::tasks! { version "1.0.0", "What the plugin is for.";
//!         multiply: run_sync, "(factors: int64...) -> int64", "Returns the product.";
//!         delayed_echo: run_async, "(value: any, milliseconds: int32) -> any", "Returns the value, later.";
//!     }
//!
//! With a signature the host refuses other arguments, and makes numbers of the kinds in it.

#![allow(dead_code)]

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::{ptr, slice};

/// An argument or a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int32(i32),
    Int64(i64),
    Uint32(u32),
    Uint64(u64),
    Float(f32),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// How a task ends when not well.
pub struct Failure {
    status: i32,
    message: String,
}

impl Failure {
    pub fn failed(message: impl Into<String>) -> Self {
        Failure { status: 1, message: message.into() }
    }
    pub fn retry(message: impl Into<String>) -> Self {
        Failure { status: 2, message: message.into() }
    }
    pub fn cancelled() -> Self {
        Failure { status: 3, message: String::new() }
    }
}

pub fn bad_arguments(message: impl Into<String>) -> Failure {
    Failure { status: 4, message: message.into() }
}

pub const DEBUG: i32 = -4;
pub const INFO: i32 = 0;
pub const WARN: i32 = 4;
pub const ERROR: i32 = 8;

/// A running call.
pub struct Call {
    pub id: u64,
    pub attempt: u32,
    /// 0: none.
    pub deadline_unix_ns: i64,
    pub task_id: String,
    cancelled: *const AtomicI32,
}

// What it points to may be read from any thread, as long as the call runs.
unsafe impl Send for Call {}

impl Call {
    /// True once the caller gives up.
    pub fn cancelled(&self) -> bool {
        unsafe { (*self.cancelled).load(Ordering::Relaxed) != 0 }
    }
    pub fn log(&self, level: i32, text: &str) {
        (host().log)(self.id, level, text.as_ptr(), text.len() as u64)
    }
    /// From 0 to 1.
    pub fn progress(&self, fraction: f64, note: &str) {
        (host().progress)(self.id, fraction, note.as_ptr(), note.len() as u64)
    }
}

/// An async call: it runs until `finish`, on whatever thread. Dropped without, it has failed.
pub struct Later(Option<Call>);

impl Later {
    pub fn finish(mut self, result: Result<Value, Failure>) {
        self.end(result)
    }
    fn end(&mut self, result: Result<Value, Failure>) {
        let Some(call) = self.0.take() else { return };
        let mut output = RawValue::NULL;
        let status = answer(result, &mut output);
        (host().finish)(call.id, status, &output);
        output.free();
    }
}

impl std::ops::Deref for Later {
    type Target = Call;
    fn deref(&self) -> &Call {
        self.0.as_ref().unwrap()
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.end(Err(Failure::failed("the task gave up without an answer")))
    }
}

/// Defines init_plugin with these tasks, each with its signature and a sentence about it.
macro_rules! tasks {
    (version $version:literal, $about:literal; $($name:ident: $kind:ident, $signature:literal, $doc:literal);* $(;)?) => {
        #[no_mangle]
        pub extern "C" fn init_plugin(host: *mut $crate::abi::Host) -> *const $crate::abi::Plugin {
            use $crate::abi::*;
            static TASKS: &[Entry] = &[$({
                extern "C" fn run(c: *const RawCall, args: *const RawValue, n: u64, out: *mut RawValue) -> i32 {
                    unsafe { $kind(crate::$name, c, args, n, out) }
                }
                Entry {
                    name: concat!(stringify!($name), "\0").as_ptr(),
                    flags: Kind::$kind as u32,
                    reserved: 0,
                    run,
                    signature: concat!($signature, "\0").as_ptr(),
                    doc: concat!($doc, "\0").as_ptr(),
                }
            }),*];
            start(host, TASKS, concat!($version, "\0"), concat!($about, "\0"))
        }
    };
}
pub(crate) use tasks;

/// Runs a function that answers by returning.
pub unsafe fn run_sync(
    f: fn(&Call, Vec<Value>) -> Result<Value, Failure>,
    call: *const RawCall, args: *const RawValue, n: u64, output: *mut RawValue,
) -> i32 {
    let (call, args) = ((*call).open(), decode(args, n));
    // A panic that left the plugin would end its process.
    let result = catch_unwind(AssertUnwindSafe(|| f(&call, args)));
    answer(result.unwrap_or_else(|_| Err(Failure::failed("the task panicked"))), &mut *output)
}

/// Runs a function that answers by `Later::finish`.
pub unsafe fn run_async(
    f: fn(Later, Vec<Value>),
    call: *const RawCall, args: *const RawValue, n: u64, _: *mut RawValue,
) -> i32 {
    let (call, args) = (Later(Some((*call).open())), decode(args, n));
    let _ = catch_unwind(AssertUnwindSafe(|| f(call, args))); // a panic drops the call
    PENDING
}

const PENDING: i32 = 100;

fn answer(result: Result<Value, Failure>, output: &mut RawValue) -> i32 {
    match result {
        Ok(v) => {
            *output = RawValue::new(v);
            0
        }
        Err(f) => {
            *output = RawValue::new(Value::String(f.message));
            f.status
        }
    }
}

// From here on as in the header.

#[repr(C)]
pub struct Host {
    size: u32,
    abi: u32,
    finish: extern "C" fn(u64, i32, *const RawValue),
    log: extern "C" fn(u64, i32, *const u8, u64),
    progress: extern "C" fn(u64, f64, *const u8, u64),
}

static HOST: AtomicPtr<Host> = AtomicPtr::new(ptr::null_mut());

fn host() -> &'static Host {
    unsafe { &*HOST.load(Ordering::Relaxed) }
}

#[repr(C)]
pub struct RawCall {
    size: u32,
    attempt: u32,
    id: u64,
    cancelled: *const AtomicI32,
    deadline_unix_ns: i64,
    task_id: *const u8,
    task_id_len: u64,
}

impl RawCall {
    unsafe fn open(&self) -> Call {
        let task_id = slice::from_raw_parts(self.task_id, self.task_id_len as usize);
        Call {
            id: self.id,
            attempt: self.attempt,
            deadline_unix_ns: self.deadline_unix_ns,
            task_id: String::from_utf8_lossy(task_id).into_owned(),
            cancelled: self.cancelled,
        }
    }
}

pub type Run = extern "C" fn(*const RawCall, *const RawValue, u64, *mut RawValue) -> i32;

#[repr(C)]
pub struct Entry {
    pub name: *const u8,
    pub flags: u32,
    pub reserved: u32,
    pub run: Run,
    pub signature: *const u8,
    pub doc: *const u8,
}

#[allow(non_camel_case_types)]
pub enum Kind {
    run_sync = 0,
    run_async = 1,
}

// It never changes.
unsafe impl Sync for Entry {}

#[repr(C)]
pub struct Plugin {
    magic: u64,
    abi: u32,
    size: u32,
    tasks: *const Entry,
    ntasks: u64,
    entry_size: u64,
    release: extern "C" fn(*mut RawValue),
    shutdown: *const u8,
    version: *const u8,
    doc: *const u8,
}

/// The texts end in a zero byte.
pub fn start(host: *mut Host, tasks: &'static [Entry], version: &'static str, doc: &'static str) -> *const Plugin {
    HOST.store(host, Ordering::Relaxed);
    Box::leak(Box::new(Plugin {
        magic: 0x314e474c504b5354,
        abi: 1,
        size: std::mem::size_of::<Plugin>() as u32,
        tasks: tasks.as_ptr(),
        ntasks: tasks.len() as u64,
        entry_size: std::mem::size_of::<Entry>() as u64,
        release,
        shutdown: ptr::null(),
        version: version.as_ptr(),
        doc: doc.as_ptr(),
    }))
}

extern "C" fn release(output: *mut RawValue) {
    unsafe { (*output).free() }
}

#[repr(C)]
pub struct RawValue {
    kind: u32,
    reserved: u32,
    bits: u64, // the union: a number's bits or a pointer
    n: u64,
}

unsafe fn decode(values: *const RawValue, n: u64) -> Vec<Value> {
    slice::from_raw_parts(values, n as usize).iter().map(|v| v.decode()).collect()
}

impl RawValue {
    const NULL: RawValue = RawValue { kind: 0, reserved: 0, bits: 0, n: 0 };

    unsafe fn decode(&self) -> Value {
        let bytes = || slice::from_raw_parts(self.bits as *const u8, self.n as usize);
        match self.kind {
            1 => Value::Bool(self.bits != 0),
            2 => Value::Int32(self.bits as i32),
            3 => Value::Int64(self.bits as i64),
            4 => Value::Uint32(self.bits as u32),
            5 => Value::Uint64(self.bits),
            6 => Value::Float(f64::from_bits(self.bits) as f32),
            7 => Value::Double(f64::from_bits(self.bits)),
            8 => Value::String(String::from_utf8_lossy(bytes()).into_owned()),
            9 => Value::Bytes(bytes().to_vec()),
            10 => Value::List(decode(self.bits as *const RawValue, self.n)),
            11 => {
                let mut items = decode(self.bits as *const RawValue, 2 * self.n).into_iter();
                let mut fields = Vec::with_capacity(self.n as usize);
                while let (Some(Value::String(key)), Some(field)) = (items.next(), items.next()) {
                    fields.push((key, field));
                }
                Value::Map(fields)
            }
            _ => Value::Null,
        }
    }

    fn new(v: Value) -> Self {
        let number = |kind, bits| RawValue { kind, bits, ..Self::NULL };
        match v {
            Value::Null => Self::NULL,
            Value::Bool(b) => number(1, b as u64),
            Value::Int32(i) => number(2, i as i64 as u64),
            Value::Int64(i) => number(3, i as u64),
            Value::Uint32(u) => number(4, u as u64),
            Value::Uint64(u) => number(5, u),
            Value::Float(f) => number(6, (f as f64).to_bits()),
            Value::Double(f) => number(7, f.to_bits()),
            Value::String(s) => Self::own(8, 1, s.into_bytes()),
            Value::Bytes(b) => Self::own(9, 1, b),
            Value::List(items) => Self::own(10, 1, items.into_iter().map(Self::new).collect()),
            Value::Map(fields) => {
                let pair = |(key, field)| [Self::new(Value::String(key)), Self::new(field)];
                Self::own(11, 2, fields.into_iter().flat_map(pair).collect())
            }
        }
    }

    /// A value that owns what it points to, until `free`.
    fn own<T>(kind: u32, things_each: u64, things: Vec<T>) -> Self {
        let things = Box::leak(things.into_boxed_slice());
        RawValue { kind, reserved: 0, bits: things.as_ptr() as u64, n: things.len() as u64 / things_each }
    }

    fn free(&mut self) {
        let n = if self.kind == 11 { 2 * self.n } else { self.n } as usize;
        unsafe {
            match self.kind {
                8 | 9 => drop(Box::from_raw(ptr::slice_from_raw_parts_mut(self.bits as *mut u8, n))),
                10 | 11 => {
                    let mut items = Box::from_raw(ptr::slice_from_raw_parts_mut(self.bits as *mut RawValue, n));
                    items.iter_mut().for_each(|item| item.free());
                }
                _ => {}
            }
        }
    }
}
