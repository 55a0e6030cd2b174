package wire

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Status is a task's state as the contract numbers it.
type Status uint8

// The states.
const (
	Pending Status = iota
	Success
	Failed
	Running
	Cancelled
	NotFound
)

// statusNames are the states in JSON.
var statusNames = [...]string{"PENDING", "SUCCESS", "FAILED", "RUNNING", "CANCELLED", "NOT_FOUND"}

// A TaskResponse is the contract's message of that name, and, without TaskID
// and Sequence, its ResultResponse.
type TaskResponse struct {
	TaskID    string
	Status    Status
	Result    string // must be valid UTF-8
	NodeID    string
	ErrorCode uint32
	Sequence  uint64
	Value     task.Value // null: not asked for, or nothing that the contract has a type for
	Attempt   uint32
}

// A ResultResponse is the contract's message of that name.
type ResultResponse TaskResponse

// Numbers of a TaskResponse's fields, and of a ResultResponse's.
const (
	responseTaskID    = 1
	responseStatus    = 2
	responseResult    = 3
	responseNodeID    = 4
	resultStatus      = 1
	resultResult      = 2
	resultNodeID      = 3
	responseErrorCode = 100
	responseSequence  = 101
	responseValue     = 102
	responseAttempt   = 103
)

// Append appends the response's protobuf.
func (r *TaskResponse) Append(b []byte) ([]byte, error) {
	b, err := appendString(b, responseTaskID, r.TaskID)
	if err != nil {
		return nil, err
	}
	b = appendNumber(b, responseStatus, uint64(r.Status))
	if b, err = appendString(b, responseResult, r.Result); err != nil {
		return nil, err
	}
	if b, err = appendString(b, responseNodeID, r.NodeID); err != nil {
		return nil, err
	}
	return r.appendRest(b)
}

// Append appends the response's protobuf.
func (r *ResultResponse) Append(b []byte) ([]byte, error) {
	b = appendNumber(b, resultStatus, uint64(r.Status))
	b, err := appendString(b, resultResult, r.Result)
	if err != nil {
		return nil, err
	}
	if b, err = appendString(b, resultNodeID, r.NodeID); err != nil {
		return nil, err
	}
	return (*TaskResponse)(r).appendRest(b)
}

// appendRest appends what the two have under the same numbers.
func (r *TaskResponse) appendRest(b []byte) ([]byte, error) {
	b = appendNumber(b, responseErrorCode, uint64(r.ErrorCode))
	b = appendNumber(b, responseSequence, r.Sequence)
	if r.Value.Kind() != task.KindNull {
		b = protowire.AppendTag(b, responseValue, protowire.BytesType)
		start := len(b)
		var err error
		if b, err = appendAny(b, r.Value, 0); err != nil {
			return nil, err
		}
		b = insertLength(b, start)
	}
	return appendNumber(b, responseAttempt, uint64(r.Attempt)), nil
}

// appendNumber appends a varint field; as in all of protobuf, a zero takes no
// bytes.
func appendNumber(b []byte, number protowire.Number, n uint64) []byte {
	if n == 0 {
		return b
	}
	b = protowire.AppendTag(b, number, protowire.VarintType)
	return protowire.AppendVarint(b, n)
}
