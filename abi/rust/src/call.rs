use crate::raw;
use crate::Value;
use std::fmt;
use std::sync::atomic::{AtomicI32, Ordering};

/// How a task ends when not well. What implements `Error` becomes one by `?`.
#[derive(Debug, PartialEq)]
pub struct Failure {
    pub(crate) status: i32,
    pub(crate) message: String,
}

impl Failure {
    /// The caller gets INTERNAL.
    pub fn failed(message: impl Into<String>) -> Self {
        Failure { status: raw::FAILED, message: message.into() }
    }
    /// The caller gets UNAVAILABLE: the task may succeed when tried again.
    pub fn retry(message: impl Into<String>) -> Self {
        Failure { status: raw::RETRY, message: message.into() }
    }
    /// The task gives up since `Call::cancelled` says so.
    pub fn cancelled() -> Self {
        Failure { status: raw::CANCELLED, message: String::new() }
    }
    /// The caller gets INVALID_ARGUMENT.
    pub fn bad_arguments(message: impl Into<String>) -> Self {
        Failure { status: raw::BAD_ARGUMENTS, message: message.into() }
    }
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::failed(error.to_string())
    }
}

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    Debug = -4,
    Info = 0,
    Warn = 4,
    Error = 8,
}

/// A running call.
pub struct Call {
    pub(crate) id: u64,
    /// 1, 2, …
    pub attempt: u32,
    /// When the caller gives up, in nanoseconds since 1970; 0: never.
    pub deadline_unix_ns: i64,
    /// The client's name for the execution, the same in all attempts.
    pub task_id: String,
    pub(crate) flag: *const AtomicI32,
}

// What it points to may be read from any thread, as long as the call runs.
unsafe impl Send for Call {}
unsafe impl Sync for Call {}

impl Call {
    /// A call for tests: it is never cancelled, and nobody hears what it says.
    pub fn for_tests() -> Self {
        static NEVER: AtomicI32 = AtomicI32::new(0);
        Call { id: 0, attempt: 1, deadline_unix_ns: 0, task_id: "test".into(), flag: &NEVER }
    }

    /// True once the caller has given up, or time is over.
    pub fn cancelled(&self) -> bool {
        unsafe { (*self.flag).load(Ordering::Relaxed) != 0 || raw::cancelled(self.id) }
    }

    /// Writes a line to the server's log.
    pub fn log(&self, level: Level, text: impl fmt::Display) {
        let text = text.to_string();
        if let Some(host) = raw::host() {
            (host.log)(self.id, level as i32, text.as_ptr(), text.len() as u64)
        }
    }

    /// Says how far the call is, from 0 to 1.
    pub fn progress(&self, fraction: f64, note: &str) {
        if let Some(host) = raw::host() {
            (host.progress)(self.id, fraction, note.as_ptr(), note.len() as u64)
        }
    }
}

/// An async call: it runs until `finish`, on whatever thread. Dropped without, it has
/// failed. In WebAssembly it must be finished before the task's function returns.
pub struct Later(pub(crate) Option<Call>);

impl Later {
    /// Runs a function on a thread of its own and finishes the call with what it returns.
    /// WebAssembly has no threads: there it runs at once.
    pub fn spawn<T: Into<Value>>(self, f: impl FnOnce(&Call) -> Result<T, Failure> + Send + 'static) {
        let run = move || {
            let result = raw::unless_panicked(|| f(&self).map(Into::into));
            self.finish(result)
        };
        #[cfg(target_arch = "wasm32")]
        run();
        #[cfg(not(target_arch = "wasm32"))]
        std::thread::spawn(run);
    }

    pub fn finish<T: Into<Value>>(mut self, result: Result<T, Failure>) {
        self.end(result.map(Into::into))
    }

    fn end(&mut self, result: Result<Value, Failure>) {
        if let Some(call) = self.0.take() {
            raw::finish(call.id, result)
        }
    }
}

impl std::ops::Deref for Later {
    type Target = Call;
    fn deref(&self) -> &Call {
        self.0.as_ref().expect("a call that is not finished")
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        let id = self.0.as_ref().map_or(0, |call| call.id);
        if std::thread::panicking() && raw::is_starting(id) {
            self.0 = None; // who has called the task's function tells why
        }
        self.end(Err(Failure::failed("the task gave up without an answer")))
    }
}
