package nats

import (
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
	"github.com/taskscheduler/taskscheduler/task"
)

// Numbers of an outcome's fields.
const (
	outcomeState   = 1
	outcomeResult  = 2
	outcomeCode    = 3
	outcomeMessage = 4
	outcomeAttempt = 5
	outcomeShape   = 6
	outcomeNode    = 7
)

var errNoOutcome = errors.New("what is stored is no outcome")

func appendOutcome(b []byte, o store.Outcome) []byte {
	b = tagged.AppendNumber(b, outcomeState, uint64(o.State))
	b = tagged.AppendNumber(b, outcomeAttempt, uint64(o.Attempt))
	if o.Result != "" {
		b = tagged.AppendBytes(b, outcomeResult, o.Result)
	}
	if o.Shape != "" {
		b = tagged.AppendBytes(b, outcomeShape, o.Shape)
	}
	if o.Node != "" {
		b = tagged.AppendBytes(b, outcomeNode, o.Node)
	}
	if o.Err != nil {
		b = tagged.AppendNumber(b, outcomeCode, uint64(o.Err.Code))
		b = tagged.AppendBytes(b, outcomeMessage, o.Err.Message)
	}
	return b
}

func readOutcome(b []byte) (o store.Outcome, err error) {
	var code task.Code
	var message string
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case outcomeState:
			o.State = store.State(fields.Value)
		case outcomeAttempt:
			o.Attempt = uint32(fields.Value)
		case outcomeResult:
			o.Result = string(fields.Bytes)
		case outcomeShape:
			o.Shape = string(fields.Bytes)
		case outcomeNode:
			o.Node = string(fields.Bytes)
		case outcomeCode:
			code = task.Code(fields.Value)
		case outcomeMessage:
			message = string(fields.Bytes)
		}
	}
	if o.State != store.Succeeded {
		o.Err = &task.Error{Code: code, Message: message}
	}
	switch {
	case fields.Err() != nil:
		return store.Outcome{}, fields.Err()
	case !o.State.Ended() || o.State > store.Cancelled:
		return store.Outcome{}, errNoOutcome
	}
	return o, nil
}
