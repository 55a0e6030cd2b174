//! A plugin in Rust with the three example tasks, without a crate. README.md beside it says how to
//! build and call it. abi.rs is task_plugin.h in Rust, and can be copied as it is.

mod abi;

use abi::{bad_arguments, Call, Failure, Later, Value, DEBUG};
use std::{thread, time::Duration};

abi::tasks! { version "1.0.0", "Examples of what a task can do.";
    multiply: run_sync, "(factors: int64...) -> int64", "Returns the product of all factors.";
    delayed_echo: run_async, "(value: any, milliseconds: int32) -> any", "Returns the value after that many milliseconds.";
    summarize: run_sync, "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
        "Counts and adds numbers, and lists a map's keys.";
}

// The host holds the arguments against these signatures: others don't come.

fn multiply(_: &Call, args: Vec<Value>) -> Result<Value, Failure> {
    let mut product = 1i64;
    for arg in args {
        let Value::Int64(factor) = arg else { unreachable!() };
        product = product.checked_mul(factor).ok_or(bad_arguments("the product does not fit an int64"))?;
    }
    Ok(Value::Int64(product))
}

/// Async: it starts a thread that finishes the call.
fn delayed_echo(call: Later, mut args: Vec<Value>) {
    let Value::Int32(delay) = args[1] else { unreachable!() };
    thread::spawn(move || {
        call.log(DEBUG, "waiting");
        let mut left = delay;
        while left > 0 {
            if call.cancelled() {
                return call.finish(Err(Failure::cancelled()));
            }
            thread::sleep(Duration::from_millis(left.min(10) as u64));
            left -= 10;
        }
        call.progress(1.0, "waited");
        call.finish(Ok(args.remove(0)))
    });
}

fn summarize(_: &Call, args: Vec<Value>) -> Result<Value, Failure> {
    let [Value::List(numbers), Value::Map(labels)] = &args[..] else { unreachable!() };
    let mut sum = 0.0;
    for number in numbers {
        let Value::Double(number) = number else { unreachable!() };
        sum += number;
    }
    let keys = labels.iter().map(|(key, _)| Value::String(key.clone())).collect();
    Ok(Value::Map(vec![
        ("count".into(), Value::Int64(numbers.len() as i64)),
        ("sum".into(), Value::Double(sum)),
        ("keys".into(), Value::List(keys)),
    ]))
}
