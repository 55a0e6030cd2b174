// Package proto_test pins the wire contract that the service shares with the
// clients of its predecessor.
package proto_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// contract is what may never change: the predecessor's clients have it compiled
// in.
const contract = `
rpc TaskScheduler.SubmitTask(TaskRequest) TaskResponse
rpc TaskScheduler.GetResult(ResultRequest) ResultResponse
rpc TaskScheduler.WaitResult(WaitResultRequest) ResultResponse
rpc TaskScheduler.CancelTask(CancelRequest) CancelResponse
rpc TaskScheduler.GetNodeInfo(NodeInfoRequest) NodeInfo

message TaskRequest
TaskRequest: string task_id = 1
TaskRequest: string method = 2
TaskRequest: repeated google.protobuf.Any args = 3
TaskRequest: repeated string deps = 4
TaskRequest: bool is_async = 5
TaskRequest: bool detached = 6
TaskRequest: uint64 dependency_timeout_ms = 7
TaskRequest: bool inject_dependency_results = 8
TaskRequest: uint64 execution_timeout_ms = 9
TaskRequest: bool disable_forwarding = 10
TaskRequest: string origin_node_id = 11

message TaskResponse
TaskResponse: string task_id = 1
TaskResponse: TaskResponse.Status status = 2
TaskResponse: string result = 3
TaskResponse: string node_id = 4

enum TaskResponse.Status
TaskResponse.Status: PENDING = 0
TaskResponse.Status: SUCCESS = 1
TaskResponse.Status: FAILED = 2
TaskResponse.Status: RUNNING = 3
TaskResponse.Status: CANCELLED = 4
TaskResponse.Status: NOT_FOUND = 5

message ResultRequest
ResultRequest: string task_id = 1

message ResultResponse
ResultResponse: TaskResponse.Status status = 1
ResultResponse: string result = 2
ResultResponse: string node_id = 3

message WaitResultRequest
WaitResultRequest: string task_id = 1
WaitResultRequest: uint64 timeout_ms = 2

message CancelRequest
CancelRequest: string task_id = 1

message CancelResponse
CancelResponse: bool cancelled = 1
CancelResponse: TaskResponse.Status status = 2

message NodeInfoRequest

message NodeInfo
NodeInfo: string node_id = 1
NodeInfo: repeated string methods = 2
NodeInfo: uint32 pending_tasks = 3
NodeInfo: uint32 running_tasks = 4
NodeInfo: repeated PeerInfo peers = 5

message PeerInfo
PeerInfo: string node_id = 1
PeerInfo: string address = 2
PeerInfo: bool alive = 3

message ListValue
ListValue: repeated google.protobuf.Any values = 1

message MapValue
MapValue: map<string, google.protobuf.Any> fields = 1
`

// firstOfOurs is the first number for what we add to the contract's messages
// and enums; those below it are the predecessor's to give.
const firstOfOurs = 100

func TestContract(t *testing.T) {
	for _, breach := range breaches(taskschedulerpb.File_taskscheduler_task_scheduler_proto) {
		t.Error(breach)
	}
}

// breaches says in a sentence each how a file departs from the contract.
func breaches(file protoreflect.FileDescriptor) []string {
	if file.Package() != "taskscheduler" || file.Syntax() != protoreflect.Proto3 {
		return []string{fmt.Sprintf("the file is %s in package %q, the contract is proto3 in package taskscheduler",
			file.Syntax(), file.Package())}
	}
	var found []string
	fixed, got := lines(contract), describe(file)
	for _, line := range slices.Concat(fixed, lines(additions)) {
		if !slices.Contains(got, line) {
			found = append(found, "the contract has, the file has not: "+line)
		}
	}
	for _, line := range got {
		if owner, _, isMember := strings.Cut(line, ":"); isMember && !slices.Contains(fixed, line) &&
			shared(fixed, owner) && numberOf(line) < firstOfOurs {
			found = append(found, fmt.Sprintf("the file has, the contract has not, and numbers below %d are not ours: %s",
				firstOfOurs, line))
		}
	}
	return found
}

func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

// numberOf returns the number at the end of a member's line.
func numberOf(line string) int {
	number, err := strconv.Atoi(line[strings.LastIndexByte(line, ' ')+1:])
	if err != nil {
		panic(err) // describe ends each member with its number
	}
	return number
}

// shared tells whether a message or an enum is the predecessor's; in one of our
// own the numbers are our own too.
func shared(fixed []string, name string) bool {
	return slices.Contains(fixed, "message "+name) || slices.Contains(fixed, "enum "+name)
}
