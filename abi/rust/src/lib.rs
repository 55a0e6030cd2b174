//! Plugins for Task Scheduler in Rust. A plugin is a crate of the type `cdylib`:
//!
//! ```
//! use task_plugin::{Args, Call, Failure};
//!
//! task_plugin::tasks! { version "1.0.0", "Greets.";
//!     sync greet "(name: string) -> string", "Says hello.";
//! }
//!
//! fn greet(_: &Call, args: Args) -> Result<String, Failure> {
//!     Ok(format!("hello {}", args.get::<String>(0)?))
//! }
//! ```
//!
//! A result is anything that becomes a [`Value`]. An `async` task gets a [`Later`]
//! and finishes it when it likes, on whatever thread. With a signature, whose grammar
//! is in task_plugin.h, the server refuses other arguments before the task is called,
//! and makes numbers of the kinds in it. A panic fails the call, and no other.
//!
//! This crate needs no other and may be copied. It is made for libraries and for
//! WebAssembly (`wasm32-wasip1`) alike.

mod args;
mod call;
pub mod raw;
mod value;

pub use args::Args;
pub use call::{Call, Failure, Later, Level};
pub use value::{FromValue, Value, WrongKind};

/// Makes the library a plugin with these tasks. Each is `sync` or `async` and the name
/// of a function beside, then its signature and a sentence about it.
#[macro_export]
macro_rules! tasks {
    (version $version:literal, $about:literal; $($kind:ident $name:ident $signature:literal, $doc:literal);* $(;)?) => {
        static TASK_PLUGIN_TASKS: &[$crate::raw::Entry] = &[$({
            unsafe extern "C" fn run(
                call: *const $crate::raw::Call, args: *const $crate::raw::Value, n: u64, output: *mut $crate::raw::Value,
            ) -> i32 {
                $crate::tasks!(@$kind $name, call, args, n, output)
            }
            $crate::raw::Entry::new(
                concat!(stringify!($name), "\0"), $crate::tasks!(@$kind), run, concat!($signature, "\0"), concat!($doc, "\0"),
            )
        }),*];

        #[no_mangle]
        pub extern "C" fn init_plugin(host: *const $crate::raw::Host) -> *const $crate::raw::Plugin {
            $crate::raw::start(host, TASK_PLUGIN_TASKS, concat!($version, "\0"), concat!($about, "\0"))
        }

        // What a WebAssembly module exports.
        #[cfg(target_arch = "wasm32")]
        #[no_mangle]
        pub extern "C" fn tp_init() -> *const $crate::raw::Plugin {
            init_plugin($crate::raw::wasm_host())
        }

        #[cfg(target_arch = "wasm32")]
        #[no_mangle]
        pub unsafe extern "C" fn tp_buf(n: u32) -> *mut u64 {
            $crate::raw::tp_buf(n)
        }

        #[cfg(target_arch = "wasm32")]
        #[no_mangle]
        pub unsafe extern "C" fn tp_call(
            index: u32, call: *const $crate::raw::Call, args: *const $crate::raw::Value, n: u64, output: *mut $crate::raw::Value,
        ) -> i32 {
            $crate::raw::tp_call(TASK_PLUGIN_TASKS, index, call, args, n, output)
        }
    };
    (@sync) => { 0 };
    (@async) => { 1 };
    (@sync $name:ident, $call:ident, $args:ident, $n:ident, $output:ident) => {
        unsafe { $crate::raw::run_sync($name, $call, $args, $n, $output) }
    };
    (@async $name:ident, $call:ident, $args:ident, $n:ident, $output:ident) => {
        unsafe { $crate::raw::run_async($name, $call, $args, $n) }
    };
}
