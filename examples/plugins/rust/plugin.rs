//! A plugin in Rust with the three example tasks, without a crate. README.md beside it says how to
//! build and call it. abi.rs is task_plugin.h in Rust, and can be copied as it is.

mod abi;

use abi::{bad_arguments, Call, Failure, Later, Value, DEBUG};
use std::{thread, time::Duration};

abi::tasks! { multiply: run_sync, delayed_echo: run_async, summarize: run_sync }

/// multiply(int32 or int64, ...) -> int64
fn multiply(_: &Call, args: Vec<Value>) -> Result<Value, Failure> {
    let mut product = 1i64;
    for arg in args {
        let factor = integer(&arg).ok_or(bad_arguments("multiply takes integers"))?;
        product = product.checked_mul(factor).ok_or(bad_arguments("the product does not fit an int64"))?;
    }
    Ok(Value::Int64(product))
}

/// delayed_echo(value, milliseconds) -> value; async: it starts a thread that finishes the call.
fn delayed_echo(call: Later, mut args: Vec<Value>) {
    let delay = if args.len() == 2 { args.pop().and_then(|ms| integer(&ms)) } else { None };
    let Some(delay) = delay else {
        return call.finish(Err(bad_arguments("delayed_echo takes a value and milliseconds")));
    };
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

/// summarize(list of numbers, map) -> {"count": int64, "sum": double, "keys": list of string}
fn summarize(_: &Call, args: Vec<Value>) -> Result<Value, Failure> {
    let [Value::List(numbers), Value::Map(labels)] = &args[..] else {
        return Err(bad_arguments("summarize takes a list and a map"));
    };
    let mut sum = 0.0;
    for number in numbers {
        sum += float(number).ok_or(bad_arguments("summarize takes a list of numbers"))?;
    }
    let keys = labels.iter().map(|(key, _)| Value::String(key.clone())).collect();
    Ok(Value::Map(vec![
        ("count".into(), Value::Int64(numbers.len() as i64)),
        ("sum".into(), Value::Double(sum)),
        ("keys".into(), Value::List(keys)),
    ]))
}

fn integer(v: &Value) -> Option<i64> {
    match v {
        Value::Int32(i) => Some(*i as i64),
        Value::Int64(i) => Some(*i),
        _ => None,
    }
}

fn float(v: &Value) -> Option<f64> {
    match v {
        Value::Int32(i) => Some(*i as f64),
        Value::Int64(i) => Some(*i as f64),
        Value::Uint32(u) => Some(*u as f64),
        Value::Uint64(u) => Some(*u as f64),
        Value::Float(f) => Some(*f as f64),
        Value::Double(f) => Some(*f),
        _ => None,
    }
}
