//! A plugin in Rust with the three example tasks. README.md says how to build and call it.

use std::collections::HashMap;
use std::{thread, time::Duration};
use task_plugin::{Args, Call, Failure, Later, Level, Value};

task_plugin::tasks! { version "1.0.0", "Examples of what a task can do.";
    sync multiply "(factors: int64...) -> int64", "Returns the product of all factors.";
    async delayed_echo "(value: any, milliseconds: int32) -> any", "Returns the value after that many milliseconds.";
    sync summarize "(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
        "Counts and adds numbers, and lists a map's keys.";
}

fn multiply(_: &Call, args: Args) -> Result<i64, Failure> {
    args.rest::<i64>(0)?
        .into_iter()
        .try_fold(1i64, i64::checked_mul)
        .ok_or(Failure::bad_arguments("the product does not fit an int64"))
}

/// Async: it waits rather than works.
fn delayed_echo(call: Later, args: Args) {
    call.spawn(move |call| wait(call, &args))
}

fn wait(call: &Call, args: &Args) -> Result<Value, Failure> {
    call.log(Level::Debug, "waiting");
    let mut left = args.get::<i32>(1)?;
    while left > 0 {
        if call.cancelled() {
            return Err(Failure::cancelled());
        }
        thread::sleep(Duration::from_millis(left.min(10) as u64));
        left -= 10;
    }
    call.progress(1.0, "waited");
    Ok(args.0[0].clone())
}

fn summarize(_: &Call, args: Args) -> Result<Value, Failure> {
    let numbers: Vec<f64> = args.get(0)?;
    let labels: HashMap<String, Value> = args.get(1)?;
    Ok(Value::from([
        ("count", (numbers.len() as i64).into()),
        ("sum", numbers.iter().fold(0.0, |sum, number| sum + number).into()),
        ("keys", labels.into_keys().collect::<Vec<String>>().into()),
    ]))
}
