//! A plugin whose task panics: in Rust, a panic that gets as far as C ends the process.

#[repr(C)]
pub struct Value { kind: u32, reserved: u32, payload: *const u8, n: u64 }

type Function = extern "C" fn(*const u8, *const Value, u64, *mut Value) -> i32;

#[repr(C)]
struct Entry { name: *const u8, flags: u32, reserved: u32, run: Function }

#[repr(C)]
pub struct Plugin { size: u32, abi: u32, tasks: *const Entry, ntasks: u64, release: usize, shutdown: usize }

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
    Entry { name: b"panic\0".as_ptr(), flags: 0, reserved: 0, run: run_panic },
    Entry { name: b"version\0".as_ptr(), flags: 0, reserved: 0, run: run_version },
];

static PLUGIN: Plugin = Plugin { size: 40, abi: 1, tasks: &TASKS as *const Entry, ntasks: 2, release: 0, shutdown: 0 };

#[no_mangle]
pub extern "C" fn init_plugin(_: *const u8) -> *const Plugin { &PLUGIN }
