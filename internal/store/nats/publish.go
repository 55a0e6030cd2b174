package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// errConflict says that a subject has another message than the one that was to
// be replaced.
var errConflict = errors.New("there is a message of that subject")

// ack is the server's answer to a message.
type ack struct {
	Sequence uint64              `json:"seq"`
	Error    *jetstream.APIError `json:"error"`
}

// readAck returns the number that the message got.
func readAck(answer *nats.Msg) (number uint64, err error) {
	var a ack
	if err := json.Unmarshal(answer.Data, &a); err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	switch {
	case a.Error == nil:
		return a.Sequence, nil
	case a.Error.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
		return 0, errConflict
	default:
		return 0, fmt.Errorf("publish: %s (%d)", a.Error.Description, a.Error.ErrorCode)
	}
}

// publish publishes a message and returns its number once the stream has it.
func publish(ctx context.Context, conn *nats.Conn, message *nats.Msg) (number uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := conn.RequestMsgWithContext(ctx, message)
	if err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	return readAck(answer)
}
