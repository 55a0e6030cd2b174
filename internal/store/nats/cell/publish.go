package cell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/pause"
)

// ErrConflict says that a subject has another message than the one that was to
// be replaced. It may be one's own, if an answer was lost.
var ErrConflict = errors.New("there is a message of that subject")

// ErrAway says that nobody keeps the stream at the moment: most of its servers are
// gone, or they choose a new leader.
var ErrAway = errors.New("the servers that keep the data can't be reached, or too few of them are there")

// ErrFull says that the servers take nothing more: their disks are full, or what they
// were allowed to use is.
var ErrFull = errors.New("the servers that keep the data have no room left")

const (
	// callTimeout bounds a call, however often it is tried.
	callTimeout = 10 * time.Second
	// tryTimeout bounds one try where the servers are several: one of them may die
	// with a message that it has taken.
	tryTimeout = 2 * time.Second
	// retryAfter is how long servers that are choosing a leader are left alone.
	retryAfter = 100 * time.Millisecond
)

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
	case a.Error.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence, a.Error.ErrorCode == wrongLastConstant:
		return 0, ErrConflict
	case a.Error.ErrorCode == noResources, a.Error.ErrorCode == noStorage:
		return 0, fmt.Errorf("%w: %w", ErrFull, &apiError{a.Error})
	default:
		return 0, &apiError{a.Error}
	}
}

const (
	// wrongLastConstant is a wrong last sequence too, of a message that is on its way.
	wrongLastConstant = 10164
	noResources       = 10023
	noStorage         = 10047
)

// An apiError is what a server refuses a call with.
type apiError struct{ *jetstream.APIError }

func (e *apiError) Error() string { return fmt.Sprintf("%s (%d)", e.Description, e.ErrorCode) }

// Publish publishes a message and returns its number once the stream has it. Where
// the servers are several, it goes on while they choose a leader, so it may publish
// more than once: the message should say what it replaces.
func (s *Stream) Publish(ctx context.Context, message *nats.Msg) (number uint64, err error) {
	err = s.try(ctx, func(ctx context.Context) error {
		number, err = s.publish(ctx, message)
		return err
	})
	return number, err
}

// PublishOnce is Publish of what must not be published twice.
func (s *Stream) PublishOnce(ctx context.Context, message *nats.Msg) (number uint64, err error) {
	timeout := callTimeout
	if s.Several {
		timeout = tryTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return s.publish(ctx, message)
}

func (s *Stream) publish(ctx context.Context, message *nats.Msg) (number uint64, err error) {
	answer, err := s.Conn.RequestMsgWithContext(ctx, message)
	if err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	return readAck(answer)
}

// try calls f until it succeeds, or fails for good.
func (s *Stream) try(ctx context.Context, f func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if !s.Several {
		return f(ctx)
	}
	for {
		once, cancel := context.WithTimeout(ctx, tryTimeout)
		err := f(once)
		cancel()
		if err == nil || !passing(err) {
			return err
		}
		if s.TooFew != nil && s.TooFew() || pause.For(ctx, retryAfter) != nil {
			return fmt.Errorf("%w: %w", ErrAway, err)
		}
	}
}

// passing tells whether an error is one that goes by.
func passing(err error) bool {
	if errors.Is(err, ErrFull) {
		return false
	}
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) ||
		errors.Is(err, nats.ErrReconnectBufExceeded) || errors.Is(err, nats.ErrDisconnected) ||
		errors.Is(err, nats.ErrConnectionReconnecting) {
		return true
	}
	var refused *jetstream.APIError
	if own, ok := errors.AsType[*apiError](err); ok {
		refused = own.APIError
	} else if !errors.As(err, &refused) {
		return false
	}
	// A stream that was just made isn't known to all of them at once.
	return refused.Code == 503 || refused.ErrorCode == jetstream.JSErrCodeStreamNotFound
}
