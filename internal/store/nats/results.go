package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Results is a [store.Store] of one message an id. They expire by the stream's
// age, and the oldest go when there are too many.
type Results struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	ttl    time.Duration
	writer writer
}

var _ store.Store = (*Results)(nil)

func newResults(conn *nats.Conn, js jetstream.JetStream, config Config) *Results {
	return &Results{conn: conn, js: js, ttl: config.TTL, writer: newWriter(conn, config.Sync)}
}

// Get implements [store.Store].
func (r *Results) Get(ctx context.Context, id string) (outcome store.Outcome, ok bool, err error) {
	s, err := r.get(ctx, subjectOf(id))
	if err != nil || !s.there || time.Now().After(s.expires) {
		return store.Outcome{}, false, err
	}
	return s.outcome, true, nil
}

// Expires returns the outcome of a task and when it will be gone.
func (r *Results) Expires(ctx context.Context, id string) (outcome store.Outcome, at time.Time, ok bool, err error) {
	s, err := r.get(ctx, subjectOf(id))
	if err != nil || !s.there || time.Now().After(s.expires) {
		return store.Outcome{}, time.Time{}, false, err
	}
	return s.outcome, s.expires, true, nil
}

// stored is what the stream has of an id.
type stored struct {
	outcome store.Outcome
	there   bool
	number  string // of its message
	expires time.Time
}

const (
	directGet  = "$JS.API.DIRECT.GET."
	noMessage  = "404"
	maxCreates = 3
)

func (r *Results) get(ctx context.Context, subject string) (s stored, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	answer, err := r.conn.RequestWithContext(ctx, directGet+resultStream+"."+subject, nil)
	switch {
	case err != nil:
		return stored{}, fmt.Errorf("get: %w", err)
	case answer.Header.Get("Status") == noMessage:
		return stored{}, nil
	case answer.Header.Get("Status") != "":
		return stored{}, fmt.Errorf("get: %s", answer.Header.Get("Description"))
	}
	if s.outcome, err = readOutcome(answer.Data); err != nil {
		return stored{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, answer.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return stored{}, fmt.Errorf("get: %w", err)
	}
	s.there, s.number, s.expires = true, answer.Header.Get("Nats-Sequence"), at.Add(r.ttl)
	return s, nil
}

// Create implements [store.Store].
func (r *Results) Create(ctx context.Context, id string, outcome store.Outcome) (store.Outcome, error) {
	subject, replaces := subjectOf(id), "0"
	data := appendOutcome(make([]byte, 0, len(outcome.Result)+32), outcome)
	var err error
	for range maxCreates {
		if err = r.writer.write(ctx, subject, data, replaces); !errors.Is(err, errConflict) {
			return outcome, err
		}
		there, getErr := r.get(ctx, subject)
		switch {
		case getErr != nil:
			return store.Outcome{}, getErr
		case there.there && time.Now().Before(there.expires):
			return there.outcome, nil
		case there.there: // it has expired and is only not swept yet
			replaces = there.number
		default: // it has been swept
			replaces = "0"
		}
	}
	return store.Outcome{}, fmt.Errorf("create, %d times over: %w", maxCreates, err)
}
