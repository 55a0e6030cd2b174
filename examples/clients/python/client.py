"""Calls Task Scheduler from Python. usage: client.py HOST:PORT [CA.PEM]"""

import json
import pathlib
import sys
import time

import grpc
from google.protobuf import any_pb2, wrappers_pb2

# protos_and_services wants the proto's folder on the path. A program that is
# shipped generates the code once: python -m grpc_tools.protoc.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "proto"))
pb, rpc = grpc.protos_and_services("taskscheduler/task_scheduler.proto")


def pack(value):
    """A Python value as an argument. An int is the smallest of Int32, Int64 and UInt64 that holds it."""
    if isinstance(value, bool):  # before int, which it is too
        message = wrappers_pb2.BoolValue(value=value)
    elif isinstance(value, int):
        if -(2**31) <= value < 2**31:
            message = wrappers_pb2.Int32Value(value=value)
        elif value < 2**63:
            message = wrappers_pb2.Int64Value(value=value)
        else:
            message = wrappers_pb2.UInt64Value(value=value)
    elif isinstance(value, float):
        message = wrappers_pb2.DoubleValue(value=value)
    elif isinstance(value, str):
        message = wrappers_pb2.StringValue(value=value)
    elif isinstance(value, (bytes, bytearray)):
        message = wrappers_pb2.BytesValue(value=bytes(value))
    elif isinstance(value, dict):
        message = pb.MapValue(fields={key: pack(item) for key, item in value.items()})
    elif isinstance(value, (list, tuple)):
        message = pb.ListValue(values=[pack(item) for item in value])
    else:
        raise TypeError(f"{type(value).__name__} is no type of the contract")
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


WRAPPERS = {
    wrapper.DESCRIPTOR.full_name: wrapper
    for wrapper in (
        wrappers_pb2.BoolValue, wrappers_pb2.Int32Value, wrappers_pb2.Int64Value, wrappers_pb2.UInt32Value,
        wrappers_pb2.UInt64Value, wrappers_pb2.FloatValue, wrappers_pb2.DoubleValue, wrappers_pb2.StringValue,
        wrappers_pb2.BytesValue, pb.ListValue, pb.MapValue)
}


def unpack(packed):
    """The value of an answer to a request with typed_result."""
    message = WRAPPERS[packed.TypeName()]()
    packed.Unpack(message)
    if isinstance(message, pb.ListValue):
        return [unpack(item) for item in message.values]
    if isinstance(message, pb.MapValue):
        return {key: unpack(item) for key, item in message.fields.items()}
    return message.value


# Tried again: what the server could not take up. A task with an id of the
# caller's runs once, however often it is submitted.
SERVICE_CONFIG = json.dumps({
    "methodConfig": [{
        "name": [{"service": "taskscheduler.TaskScheduler"}],
        "retryPolicy": {
            "maxAttempts": 5,
            "initialBackoff": "0.1s",
            "maxBackoff": "2s",
            "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"],
        },
    }]
})


def connect(addr, ca_file=None):
    options = [("grpc.service_config", SERVICE_CONFIG), ("grpc.enable_retries", 1)]
    if ca_file is None:
        return grpc.insecure_channel(addr, options)
    credentials = grpc.ssl_channel_credentials(pathlib.Path(ca_file).read_bytes())
    return grpc.secure_channel(addr, credentials, options)


def watch(tasks, task_id):
    """What happens to a task until it has ended, over as many connections as that takes."""
    last = 0
    while True:
        try:
            for event in tasks.WatchTask(pb.WatchTaskRequest(task_id=task_id, after=last)):
                last = event.number
                yield event
                if event.HasField("ended"):
                    return
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        time.sleep(1)


def main(addr, ca_file=None):
    with connect(addr, ca_file) as channel:
        tasks = rpc.TaskSchedulerStub(channel)

        request = pb.TaskRequest(method="add", args=[pack(1), pack(2), pack(3)])
        print("SubmitTask:", tasks.SubmitTask(request, timeout=60).result)

        person = {"name": "Ada", "age": 36, "isStudent": False, "scores": [88.5, 95.5]}
        request = pb.TaskRequest(method="process_person_map", args=[pack(person)])
        print("SubmitTask:", tasks.SubmitTask(request, timeout=60).result)

        try:
            tasks.SubmitTask(pb.TaskRequest(method="nix"), timeout=60)
        except grpc.RpcError as error:
            print("SubmitTask:", error.code().name, error.details())

        request = pb.TaskRequest(task_id="python-f50", method="fibonacci", args=[pack(50)], detached=True)
        tasks.SubmitTask(request, timeout=60)
        ended = tasks.WaitResult(pb.WaitResultRequest(task_id="python-f50", timeout_ms=30_000), timeout=60)
        print("WaitResult:", ended.result)
        now = tasks.GetResult(pb.ResultRequest(task_id="python-f50"), timeout=60)
        print("GetResult:", pb.TaskResponse.Status.Name(now.status))

        tasks.SubmitTask(pb.TaskRequest(task_id="python-d", method="delete", args=[pack("x")], detached=True), timeout=60)
        for event in watch(tasks, "python-d"):
            if event.HasField("progress"):
                print(f"WatchTask: {event.progress.fraction:.0%} {event.progress.note}")
            elif event.HasField("log"):
                print("WatchTask:", event.log.text)
            elif event.HasField("ended"):
                print("WatchTask:", pb.TaskResponse.Status.Name(event.ended.status), event.ended.result)

        request = pb.TaskRequest(
            task_id="python-waits", method="ping", deps=["nobody"], dependency_timeout_ms=60_000, detached=True)
        tasks.SubmitTask(request, timeout=60)
        print("CancelTask:", tasks.CancelTask(pb.CancelRequest(task_id="python-waits"), timeout=60).cancelled)

        print("GetNodeInfo:", "add" in tasks.GetNodeInfo(pb.NodeInfoRequest(), timeout=60).methods)
        print("DescribeTask:", tasks.DescribeTask(pb.DescribeTaskRequest(method="add"), timeout=60).signature)

        batch = tasks.SubmitBatch(pb.BatchRequest(tasks=[
            pb.TaskRequest(task_id="python-sum", method="add", args=[pack(1), pack(2)], typed_result=True),
            pb.TaskRequest(method="ping", deps=["python-sum"], inject_dependency_results=True, typed_result=True),
        ]), timeout=60)
        print("SubmitBatch:", [unpack(answer.value) for answer in batch.results])

        requests = [pb.TaskRequest(sequence=i, method="add", args=[pack(i), pack(10)]) for i in range(1, 101)]
        print("SubmitTasks:", sum(int(answer.result) for answer in tasks.SubmitTasks(iter(requests), timeout=60)))


if __name__ == "__main__":
    main(*sys.argv[1:])
