package proto_test

// additions are our own part of the contract. Clients have it compiled in too,
// so what is here stays; what is new is added here.
const additions = `
rpc TaskScheduler.SubmitTasks(stream TaskRequest) stream TaskResponse
rpc TaskScheduler.SubmitBatch(BatchRequest) BatchResponse
rpc TaskScheduler.WatchTask(WatchTaskRequest) stream TaskEvent
rpc TaskScheduler.DescribeTask(DescribeTaskRequest) TaskDescription

TaskRequest: uint64 sequence = 100
TaskRequest: bool typed_result = 101
TaskRequest: RetryPolicy retry = 110
TaskRequest: google.protobuf.Timestamp start_at = 111
TaskRequest: map<string, string> labels = 112
TaskRequest: bool durable = 113
TaskRequest: uint32 priority = 114
TaskRequest: string concurrency_key = 115

message RetryPolicy
RetryPolicy: uint32 max_attempts = 1
RetryPolicy: google.protobuf.Duration initial_backoff = 2
RetryPolicy: google.protobuf.Duration max_backoff = 3
RetryPolicy: double multiplier = 4
RetryPolicy: repeated uint32 codes = 5

TaskResponse: uint32 error_code = 100
TaskResponse: uint64 sequence = 101
TaskResponse: google.protobuf.Any value = 102
TaskResponse: uint32 attempt = 103

ResultRequest: bool typed_result = 100

ResultResponse: uint32 error_code = 100
ResultResponse: google.protobuf.Any value = 102
ResultResponse: uint32 attempt = 103

WaitResultRequest: bool typed_result = 100

message BatchRequest
BatchRequest: repeated TaskRequest tasks = 1

message BatchResponse
BatchResponse: repeated TaskResponse results = 1

message WatchTaskRequest
WatchTaskRequest: string task_id = 1
WatchTaskRequest: uint64 after = 2

message TaskEvent
TaskEvent: uint64 number = 1
TaskEvent: google.protobuf.Timestamp time = 2
TaskEvent: oneof event TaskResponse.Status status = 3
TaskEvent: oneof event Progress progress = 4
TaskEvent: oneof event LogLine log = 5
TaskEvent: oneof event ResultResponse ended = 6

message Progress
Progress: double fraction = 1
Progress: string note = 2

message LogLine
LogLine: int32 level = 1
LogLine: string text = 2

message DescribeTaskRequest
DescribeTaskRequest: string method = 1

message TaskDescription
TaskDescription: string method = 1
TaskDescription: string signature = 2
TaskDescription: string doc = 3
TaskDescription: string plugin = 4
TaskDescription: string version = 5
TaskDescription: bool is_async = 6
`
