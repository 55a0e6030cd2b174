package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// Results is a [store.Store] of one message an id. They expire by the stream's
// age, and the oldest go when there are too many.
type Results struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	ttl    time.Duration
	names  *names
	cells  *cell.Stream
	writer writer
	direct direct
	claims claims
}

var _ store.Store = (*Results)(nil)

func (e *Engine) newResults() *Results {
	cells := &cell.Stream{Conn: e.conn, Name: e.names.results, Several: e.several(), TooFew: e.tooFew}
	return &Results{
		conn: e.conn, js: e.js, ttl: e.config.TTL, names: &e.names, cells: cells,
		writer: newWriter(cells, e.config.Sync || e.several()), claims: newClaims(e.members),
	}
}

// Get implements [store.Store].
func (r *Results) Get(ctx context.Context, id string) (outcome store.Outcome, ok bool, err error) {
	outcome, _, ok, err = r.Expires(ctx, id)
	return outcome, ok, err
}

// Expires returns the outcome of a task and when it will be gone.
func (r *Results) Expires(ctx context.Context, id string) (outcome store.Outcome, at time.Time, ok bool, err error) {
	subject := r.names.outcomeOf(id)
	s, err := r.get(ctx, subject)
	if err == nil && !s.ended && r.cells.Several { // a server that keeps a copy may not have it yet
		s, err = r.last(ctx, subject)
	}
	if err != nil || !s.ended || time.Now().After(s.expires) {
		return store.Outcome{}, time.Time{}, false, err
	}
	return s.outcome, s.expires, true, nil
}

// stored is what the stream has of an id: nothing, an outcome or a claim.
type stored struct {
	outcome store.Outcome
	ended   bool // there is an outcome
	claim   claim
	number  uint64 // of its message; 0: there is none
	expires time.Time
}

// last returns what the leader has: it is not old.
func (r *Results) last(ctx context.Context, subject string) (s stored, err error) {
	if !r.cells.Several {
		return r.get(ctx, subject)
	}
	m, err := r.cells.Last(ctx, subject)
	if err != nil || m.Number == 0 {
		return stored{}, err
	}
	return r.read(m)
}

func (r *Results) read(m cell.Message) (s stored, err error) {
	if s, err = readStored(m.Data); err != nil {
		return stored{}, err
	}
	s.number, s.expires = m.Number, m.Time.Add(r.ttl)
	return s, nil
}

// Create implements [store.Store].
func (r *Results) Create(ctx context.Context, id string, outcome store.Outcome) (store.Outcome, error) {
	subject := r.names.outcomeOf(id)
	replaces := r.claims.number(id)
	data := appendOutcome(make([]byte, 0, len(outcome.Result)+32), outcome)
	var err error
	for try := range maxTries {
		if _, err = r.writer.write(ctx, cell.Replacing(subject, data, replaces)); !errors.Is(err, cell.ErrConflict) {
			break
		}
		there, getErr := r.last(ctx, subject)
		switch {
		case getErr != nil:
			return store.Outcome{}, getErr
		case there.ended && time.Now().Before(there.expires):
			r.claims.forget(id)
			return there.outcome, nil
		case there.claim.node != "" && !r.claims.own(there.claim):
			r.claims.forget(id)
			return store.Outcome{}, store.ErrNotMine
		case there.number == replaces: // another message is on its way
			if err := pause.For(ctx, afterTry(try)); err != nil {
				return store.Outcome{}, err
			}
		}
		replaces = there.number // it has expired, or was swept, or is this node's claim
	}
	if err != nil {
		return store.Outcome{}, fmt.Errorf("create: %w", err)
	}
	r.claims.forget(id)
	return outcome, nil
}

// maxTries is how often something is written that others write too.
const maxTries = 8

// afterTry is how long what was tried so often before is left alone.
func afterTry(try int) time.Duration { return time.Millisecond << try }

// Len returns how many outcomes there are; 0 if the server doesn't tell.
func (r *Results) Len() int {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := r.js.Stream(ctx, r.names.results)
	if err != nil {
		return 0
	}
	return int(stream.CachedInfo().State.Msgs)
}
