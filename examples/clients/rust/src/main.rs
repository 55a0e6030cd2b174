//! Calls Task Scheduler from Rust. usage: client URL [CA.PEM]

use std::{collections::HashMap, time::Duration};

use prost::Message;
use prost_types::Any;
use tonic::{
    Code, Status,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

pub mod pb {
    tonic::include_proto!("taskscheduler");
}
use pb::task_scheduler_client::TaskSchedulerClient;

/// A value that tasks take, and give.
#[derive(Debug)]
pub enum Value {
    Bool(bool),
    Int32(i32),
    Int64(i64),
    UInt32(u32),
    UInt64(u64),
    Float(f32),
    Double(f64),
    String(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(HashMap<String, Value>),
}

/// A value as an argument. prost encodes a Rust type as the wrapper message of
/// that type: `5i32` is an Int32Value.
pub fn pack(value: Value) -> Any {
    let (name, value) = match value {
        Value::Bool(v) => ("google.protobuf.BoolValue", v.encode_to_vec()),
        Value::Int32(v) => ("google.protobuf.Int32Value", v.encode_to_vec()),
        Value::Int64(v) => ("google.protobuf.Int64Value", v.encode_to_vec()),
        Value::UInt32(v) => ("google.protobuf.UInt32Value", v.encode_to_vec()),
        Value::UInt64(v) => ("google.protobuf.UInt64Value", v.encode_to_vec()),
        Value::Float(v) => ("google.protobuf.FloatValue", v.encode_to_vec()),
        Value::Double(v) => ("google.protobuf.DoubleValue", v.encode_to_vec()),
        Value::String(v) => ("google.protobuf.StringValue", v.encode_to_vec()),
        Value::Bytes(v) => ("google.protobuf.BytesValue", v.encode_to_vec()),
        Value::List(items) => {
            let values = items.into_iter().map(pack).collect();
            ("taskscheduler.ListValue", pb::ListValue { values }.encode_to_vec())
        }
        Value::Map(fields) => {
            let fields = fields.into_iter().map(|(key, item)| (key, pack(item))).collect();
            ("taskscheduler.MapValue", pb::MapValue { fields }.encode_to_vec())
        }
    };
    Any { type_url: format!("type.googleapis.com/{name}"), value }
}

/// The value of an answer to a request with `typed_result`.
pub fn unpack(packed: &Any) -> Result<Value, prost::DecodeError> {
    let bytes = packed.value.as_slice();
    Ok(match packed.type_url.rsplit('/').next().unwrap_or_default() {
        "google.protobuf.BoolValue" => Value::Bool(bool::decode(bytes)?),
        "google.protobuf.Int32Value" => Value::Int32(i32::decode(bytes)?),
        "google.protobuf.Int64Value" => Value::Int64(i64::decode(bytes)?),
        "google.protobuf.UInt32Value" => Value::UInt32(u32::decode(bytes)?),
        "google.protobuf.UInt64Value" => Value::UInt64(u64::decode(bytes)?),
        "google.protobuf.FloatValue" => Value::Float(f32::decode(bytes)?),
        "google.protobuf.DoubleValue" => Value::Double(f64::decode(bytes)?),
        "google.protobuf.StringValue" => Value::String(String::decode(bytes)?),
        "google.protobuf.BytesValue" => Value::Bytes(Vec::<u8>::decode(bytes)?),
        "taskscheduler.MapValue" => {
            let fields = pb::MapValue::decode(bytes)?.fields;
            let fields = fields.iter().map(|(key, item)| unpack(item).map(|item| (key.clone(), item)));
            Value::Map(fields.collect::<Result<_, _>>()?)
        }
        _ => Value::List(pb::ListValue::decode(bytes)?.values.iter().map(unpack).collect::<Result<_, _>>()?),
    })
}

fn task(method: &str, args: Vec<Value>) -> pb::TaskRequest {
    pb::TaskRequest {
        method: method.into(),
        args: args.into_iter().map(pack).collect(),
        ..Default::default()
    }
}

fn numbers(numbers: &[i32]) -> Vec<Value> {
    numbers.iter().map(|&n| Value::Int32(n)).collect()
}

/// Submits a task, again while the server can't take it up: tonic reads no
/// service config. Give the task an id, and it runs once however often it is
/// submitted.
async fn submit(client: &mut TaskSchedulerClient<Channel>, task: &pb::TaskRequest) -> Result<pb::TaskResponse, Status> {
    let mut pause = Duration::from_millis(100);
    for _ in 1..5 {
        match client.submit_task(task.clone()).await {
            Err(status) if status.code() == Code::Unavailable => tokio::time::sleep(pause).await,
            answer => return answer.map(|response| response.into_inner()),
        }
        pause *= 2; // a fleet of clients takes a random part of it
    }
    client.submit_task(task.clone()).await.map(|response| response.into_inner())
}

/// Tells what happens to a task until it has ended, over as many connections as
/// that takes.
async fn watch(
    client: &mut TaskSchedulerClient<Channel>,
    task_id: &str,
    mut tell: impl FnMut(&pb::task_event::Event),
) -> Result<(), Status> {
    let mut after = 0;
    loop {
        let request = pb::WatchTaskRequest { task_id: task_id.into(), after };
        match follow(client, request, &mut after, &mut tell).await {
            Ok(true) => return Ok(()),
            Err(status) if status.code() != Code::Unavailable => return Err(status),
            _ => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// What comes over one connection; true if the task has ended.
async fn follow(
    client: &mut TaskSchedulerClient<Channel>,
    request: pb::WatchTaskRequest,
    after: &mut u64,
    tell: &mut impl FnMut(&pb::task_event::Event),
) -> Result<bool, Status> {
    let mut events = client.watch_task(request).await?.into_inner();
    while let Some(message) = events.message().await? {
        *after = message.number;
        let Some(event) = message.event else { continue };
        tell(&event);
        if let pb::task_event::Event::Ended(_) = event {
            return Ok(true);
        }
    }
    Ok(false)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let mut endpoint = Endpoint::from_shared(args.next().ok_or("usage: client URL [CA.PEM]")?)?
        .timeout(Duration::from_secs(60));
    if let Some(file) = args.next() {
        let authority = Certificate::from_pem(std::fs::read(file)?);
        endpoint = endpoint.tls_config(ClientTlsConfig::new().ca_certificate(authority))?;
    }
    let mut client = TaskSchedulerClient::new(endpoint.connect().await?);

    println!("SubmitTask: {}", submit(&mut client, &task("add", numbers(&[1, 2, 3]))).await?.result);

    let person = Value::Map(HashMap::from([
        ("name".into(), Value::String("Ada".into())),
        ("age".into(), Value::Int32(36)),
        ("isStudent".into(), Value::Bool(false)),
        ("scores".into(), Value::List(vec![Value::Double(88.5), Value::Double(95.5)])),
    ]));
    println!("SubmitTask: {}", submit(&mut client, &task("process_person_map", vec![person])).await?.result);

    if let Err(status) = submit(&mut client, &task("nix", vec![])).await {
        println!("SubmitTask: {:?} {}", status.code(), status.message());
    }

    let id = "rust-f50".to_string();
    let detached = pb::TaskRequest { task_id: id.clone(), detached: true, ..task("fibonacci", numbers(&[50])) };
    submit(&mut client, &detached).await?;
    let wait = pb::WaitResultRequest { task_id: id.clone(), timeout_ms: 30_000, ..Default::default() };
    println!("WaitResult: {}", client.wait_result(wait).await?.into_inner().result);
    let now = client.get_result(pb::ResultRequest { task_id: id, ..Default::default() }).await?.into_inner();
    println!("GetResult: {}", now.status().as_str_name());

    let delete = task("delete", vec![Value::String("x".into())]);
    submit(&mut client, &pb::TaskRequest { task_id: "rust-d".into(), detached: true, ..delete }).await?;
    watch(&mut client, "rust-d", |event| match event {
        pb::task_event::Event::Progress(progress) => println!("WatchTask: {} {}", progress.fraction, progress.note),
        pb::task_event::Event::Log(line) => println!("WatchTask: {}", line.text),
        pb::task_event::Event::Ended(end) => println!("WatchTask: {} {}", end.status().as_str_name(), end.result),
        pb::task_event::Event::Status(_) => {}
    })
    .await?;

    let waits = pb::TaskRequest {
        task_id: "rust-waits".into(),
        deps: vec!["nobody".into()],
        dependency_timeout_ms: 60_000,
        detached: true,
        ..task("ping", vec![])
    };
    submit(&mut client, &waits).await?;
    let cancel = pb::CancelRequest { task_id: "rust-waits".into() };
    println!("CancelTask: {}", client.cancel_task(cancel).await?.into_inner().cancelled);

    let node = client.get_node_info(pb::NodeInfoRequest {}).await?.into_inner();
    println!("GetNodeInfo: {}", node.methods.iter().any(|method| method == "add"));

    let add = client.describe_task(pb::DescribeTaskRequest { method: "add".into() }).await?.into_inner();
    println!("DescribeTask: {}", add.signature);

    let sum = pb::TaskRequest { task_id: "rust-sum".into(), typed_result: true, ..task("add", numbers(&[1, 2])) };
    let pong = pb::TaskRequest {
        deps: vec!["rust-sum".into()],
        inject_dependency_results: true,
        typed_result: true,
        ..task("ping", vec![])
    };
    let batch = client.submit_batch(pb::BatchRequest { tasks: vec![sum, pong] }).await?.into_inner();
    let values: Vec<_> = batch.results.iter().filter_map(|answer| answer.value.as_ref()).map(unpack).collect::<Result<_, _>>()?;
    println!("SubmitBatch: {values:?}");

    let requests: Vec<_> = (1..=100)
        .map(|i| pb::TaskRequest { sequence: i as u64, ..task("add", numbers(&[i, 10])) })
        .collect();
    let mut answers = client.submit_tasks(tokio_stream::iter(requests)).await?.into_inner();
    let mut sum = 0;
    while let Some(answer) = answers.message().await? {
        sum += answer.result.parse::<i32>()?;
    }
    println!("SubmitTasks: {sum}");
    Ok(())
}
