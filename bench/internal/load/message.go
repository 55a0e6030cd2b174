package load

import (
	"bytes"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// A Task is what every call of a plan asks for; each has an id of its own.
type Task struct {
	method string
	rest   []byte // the fields of a TaskRequest but for its id
	want   string
}

// Add is add(1, 2, 3).
func Add() Task {
	t := Task{method: "add", want: "6"}
	t.rest = appendText(nil, requestMethod, t.method)
	for number := range uint64(3) {
		value := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), number+1)
		t.rest = appendAny(t.rest, "google.protobuf.Int32Value", value)
	}
	return t
}

// Echo is a call of a method that answers the text that it is given.
func Echo(method, text string) Task {
	rest := appendText(nil, requestMethod, method)
	return Task{method: method, want: text, rest: appendAny(rest, "google.protobuf.StringValue", appendText(nil, 1, text))}
}

// Request returns a TaskRequest without an id: the server makes one.
func (t *Task) Request() []byte { return t.rest }

// The fields of the contract's messages.
const (
	requestID       = 1
	requestMethod   = 2
	requestArgs     = 3
	requestDetached = 6
	requestSequence = 100

	answerID       = 1
	answerStatus   = 2
	answerResult   = 3
	answerSequence = 101

	waitID      = 1
	waitTimeout = 2

	// A ResultResponse has no id, so its fields are one lower.
	resultOffset = 1

	batchTasks = 1

	statusPending = 0
	statusSuccess = 1
)

func appendText(b []byte, field protowire.Number, text string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), text)
}

func appendAny(b []byte, name string, value []byte) []byte {
	argument := appendText(nil, 1, "type.googleapis.com/"+name)
	argument = protowire.AppendBytes(protowire.AppendTag(argument, 2, protowire.BytesType), value)
	return protowire.AppendBytes(protowire.AppendTag(b, requestArgs, protowire.BytesType), argument)
}

// appendRequest appends a TaskRequest.
func (t *Task) appendRequest(b, id []byte) []byte {
	b = protowire.AppendTag(b, requestID, protowire.BytesType)
	b = protowire.AppendBytes(b, id)
	return append(b, t.rest...)
}

func appendNumber(b []byte, field protowire.Number, number uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), number)
}

// An answer is a TaskResponse, or a ResultResponse, whose id is empty. Its bytes
// are the message's.
type answer struct {
	id, result []byte
	status     uint64
	sequence   uint64
}

// parseAnswer reads a TaskResponse, or with an offset of resultOffset a
// ResultResponse.
func parseAnswer(b []byte, offset protowire.Number) (a answer, err error) {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return a, protowire.ParseError(n)
		}
		b = b[n:]
		switch {
		case kind == protowire.BytesType && field+offset == answerResult:
			a.result, n = protowire.ConsumeBytes(b)
		case kind == protowire.BytesType && field == answerID:
			a.id, n = protowire.ConsumeBytes(b)
		case kind == protowire.VarintType && field+offset == answerStatus:
			a.status, n = protowire.ConsumeVarint(b)
		case kind == protowire.VarintType && field == answerSequence:
			a.sequence, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return a, protowire.ParseError(n)
		}
		b = b[n:]
	}
	return a, nil
}

// check tells what is wrong with the answer to a task of that id.
func (t *Task) check(a answer, id []byte) error {
	if a.status != statusSuccess {
		return fmt.Errorf("%s answers %s with status %d: %.100s", t.method, id, a.status, a.result)
	}
	if a.id != nil && !bytes.Equal(a.id, id) {
		return fmt.Errorf("the answer to %s says it is %s's", id, a.id)
	}
	if string(a.result) != t.want {
		return fmt.Errorf("%s answers %.100q, not %.100q", t.method, a.result, t.want)
	}
	return nil
}

// ids makes a new id for each task.
type ids struct {
	prefix string
	last   int
}

func (i *ids) appendNext(b []byte) []byte {
	i.last++
	return i.appendNumber(b, i.last)
}

func (i *ids) appendNumber(b []byte, number int) []byte {
	return strconv.AppendInt(append(b, i.prefix...), int64(number), 10)
}
