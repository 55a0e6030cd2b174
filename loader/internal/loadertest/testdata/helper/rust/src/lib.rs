//! The tasks of loadertest.RunHelper in Rust.

use std::collections::BTreeMap;
use std::{fs, io, thread, time::Duration};
use task_plugin::{Args, Call, Failure, Later, Level, Value};

task_plugin::tasks! { version "", "";
    sync end "", "";
    async end_later "", "";
    sync values "", "";
    sync arguments "", "";
    sync speak "", "";
    sync wait "", "";
}

fn end(_: &Call, args: Args) -> Result<String, Failure> {
    let how: String = args.get(0)?;
    match how.as_str() {
        "failed" => Err(io::Error::other("it failed"))?,
        "retry" => Err(Failure::retry("try again")),
        "bad" => Err(Failure::bad_arguments("not so")),
        "cancelled" => Err(Failure::cancelled()),
        "panic" => panic!("on {}", "purpose"),
        _ => Ok(how),
    }
}

fn end_later(call: Later, args: Args) {
    let how: String = args.get(0).unwrap();
    if how == "panic" {
        panic!("on purpose"); // here, and not in the thread
    }
    call.spawn(move |call| end(call, args))
}

fn values(_: &Call, _: Args) -> Result<Value, Failure> {
    assert!(fs::metadata("/nothing").is_err());
    Ok(Value::from([
        ("null", ().into()),
        ("bool", Some(true).into()),
        ("int32", (-1i32).into()),
        ("int64", (-1i64 << 40).into()),
        ("uint32", (1u32 << 31).into()),
        ("uint64", (1u64 << 63).into()),
        ("float", 0.5f32.into()),
        ("double", 0.1.into()),
        ("string", "日本".into()),
        ("bytes", vec![0u8, 255].into()),
        ("list", vec![1.0, 2.0].into()),
        ("map", BTreeMap::from([("x".to_string(), vec!["a", ""])]).into()),
    ]))
}

fn arguments(_: &Call, args: Args) -> Result<String, Failure> {
    let words: Vec<String> = args.get(0)?;
    let numbers: BTreeMap<String, f64> = args.get(1)?;
    let mut text = format!("{} {}", words.len(), words[0]);
    for (name, number) in numbers {
        text += &format!(" {number} {name}");
    }
    Ok(text)
}

fn speak(call: &Call, args: Args) -> Result<String, Failure> {
    let text: String = args.get(0)?;
    for level in [Level::Debug, Level::Info, Level::Warn, Level::Error] {
        call.log(level, &text);
    }
    call.progress(0.5, &text);
    Ok(format!("{} {}", call.attempt, call.task_id))
}

fn wait(call: &Call, _: Args) -> Result<(), Failure> {
    call.log(Level::Info, "waiting");
    while !call.cancelled() {
        thread::sleep(Duration::from_millis(1));
    }
    Err(Failure::cancelled())
}
