//! A plugin whose task panics: in Rust, a panic that gets as far as C ends the process.

#[repr(C)]
pub struct Value { kind: u32, reserved: u32, payload: *const u8, n: u64 }

type Function = extern "C" fn(*const u8, *const Value, u64, *mut Value) -> i32;

#[repr(C)]
struct Entry { name: *const u8, flags: u32, reserved: u32, run: Function, signature: usize, doc: usize }

#[repr(C)]
pub struct Plugin {
    magic: u64, abi: u32, size: u32, tasks: *const Entry, ntasks: u64, entry_size: u64,
    release: usize, shutdown: usize, version: usize, doc: usize,
}

unsafe impl Sync for Entry {}
unsafe impl Sync for Plugin {}

extern "C" fn run_panic(_: *const u8, args: *const Value, _: u64, _: *mut Value) -> i32 {
    let numbers = vec![1, 2, 3];
    numbers[args as usize | 7]
}

extern "C" fn run_version(_: *const u8, _: *const Value, _: u64, out: *mut Value) -> i32 {
    unsafe { *out = Value { kind: 8, reserved: 0, payload: b"00000001".as_ptr(), n: 8 } };
    0
}

static TASKS: [Entry; 2] = [
    Entry { name: b"panic\0".as_ptr(), flags: 0, reserved: 0, run: run_panic, signature: 0, doc: 0 },
    Entry { name: b"version\0".as_ptr(), flags: 0, reserved: 0, run: run_version, signature: 0, doc: 0 },
];

static PLUGIN: Plugin = Plugin {
    magic: 0x314e474c504b5354, abi: 1, size: 72, tasks: &TASKS as *const Entry, ntasks: 2, entry_size: 40,
    release: 0, shutdown: 0, version: 0, doc: 0,
};

#[no_mangle]
pub extern "C" fn init_plugin(_: *const u8) -> *const Plugin { &PLUGIN }
