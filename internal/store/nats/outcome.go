package nats

import (
	"errors"
	"math"

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
	claimNode      = 8
	claimNonce     = 9
	claimReleased  = 10
	claimEpoch     = 11
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

// encodeClaim returns a claim, which stands where an outcome will be.
func encodeClaim(c claim) []byte {
	if c.node == "" {
		return tagged.AppendNumber(nil, claimReleased, 1)
	}
	b := tagged.AppendBytes(tagged.AppendBytes([]byte(nil), claimNode, c.node), claimNonce, c.nonce)
	return tagged.AppendNumber(b, claimEpoch, c.epoch)
}

// readStored reads an outcome or a claim.
func readStored(b []byte) (s stored, err error) {
	released := false
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case outcomeState:
			s.outcome, err = readOutcome(b)
			return stored{outcome: s.outcome, ended: err == nil}, err
		case claimNode:
			s.claim.node = string(fields.Bytes)
		case claimNonce:
			s.claim.nonce = string(fields.Bytes)
		case claimEpoch:
			s.claim.epoch = fields.Value
		case claimReleased:
			released = true
		}
	}
	switch {
	case fields.Err() != nil:
		return stored{}, fields.Err()
	case s.claim.node != "":
		return s, nil
	case !released:
		return stored{}, errNoOutcome
	}
	return stored{}, nil
}

func readOutcome(b []byte) (o store.Outcome, err error) {
	var state, attempt, code uint64
	var message string
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case outcomeState:
			state = fields.Value
		case outcomeAttempt:
			attempt = fields.Value
		case outcomeResult:
			o.Result = string(fields.Bytes)
		case outcomeShape:
			o.Shape = string(fields.Bytes)
		case outcomeNode:
			o.Node = string(fields.Bytes)
		case outcomeCode:
			code = fields.Value
		case outcomeMessage:
			message = string(fields.Bytes)
		}
	}
	switch {
	case fields.Err() != nil:
		return store.Outcome{}, fields.Err()
	case state < uint64(store.Succeeded) || state > uint64(store.Cancelled) || max(attempt, code) > math.MaxUint32:
		return store.Outcome{}, errNoOutcome
	}
	o.State, o.Attempt = store.State(state), uint32(attempt)
	if o.State != store.Succeeded {
		o.Err = &task.Error{Code: task.Code(code), Message: message}
	}
	return o, nil
}
