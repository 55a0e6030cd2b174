package nats

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// A direct tells whether reads go to any of the servers that keep a copy, as it comes:
// then each has its part of them. One that stands still, or is cut off, goes on getting
// its part until the others give up its connection, a minute later or so, and never
// answers: meanwhile all reads go to the leader.
type direct struct {
	restsUntil atomic.Int64 // as time.Time.UnixNano
}

const (
	// directTimeout is how long one of several servers may take to answer.
	directTimeout = time.Second / 2
	// directRest is how long none is asked after one has not answered.
	directRest = 10 * time.Second
)

func (d *direct) rests() bool { return time.Now().UnixNano() < d.restsUntil.Load() }

func (d *direct) rest() { d.restsUntil.Store(time.Now().Add(directRest).UnixNano()) }

// get returns what any of the servers has.
func (r *Results) get(ctx context.Context, subject string) (stored, error) {
	if !r.cells.Several {
		return r.getDirect(ctx, subject, callTimeout)
	}
	if !r.direct.rests() {
		s, err := r.getDirect(ctx, subject, directTimeout)
		switch {
		case errors.Is(err, nats.ErrNoResponders): // the leader is waited for
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			r.direct.rest()
		default:
			return s, err
		}
	}
	return r.last(ctx, subject)
}

const (
	directGet = "$JS.API.DIRECT.GET."
	noMessage = "404"
)

func (r *Results) getDirect(ctx context.Context, subject string, timeout time.Duration) (s stored, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := r.conn.RequestWithContext(ctx, directGet+r.names.results+"."+subject, nil)
	switch {
	case err != nil:
		return stored{}, fmt.Errorf("get: %w", err)
	case answer.Header.Get("Status") == noMessage:
		return stored{}, nil
	case answer.Header.Get("Status") != "":
		return stored{}, fmt.Errorf("get: %s", answer.Header.Get("Description"))
	}
	m := cell.Message{Data: answer.Data}
	if m.Time, err = time.Parse(time.RFC3339Nano, answer.Header.Get("Nats-Time-Stamp")); err != nil {
		return stored{}, fmt.Errorf("get: %w", err)
	}
	if m.Number, err = strconv.ParseUint(answer.Header.Get("Nats-Sequence"), 10, 64); err != nil {
		return stored{}, fmt.Errorf("get: %w", err)
	}
	return r.read(m)
}
