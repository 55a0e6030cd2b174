package nats

import (
	"context"
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// A claim expires as an outcome does, and is dropped when there are too many: a task
// may take longer than that. So each is written once more in time.

// renewals is how often it is looked which claims to renew while one is good; they are
// renewed when half of that time is over.
const renewals = 8

// renewClaims renews what this process holds until the engine is closed.
func (e *Engine) renewClaims() {
	ticker := time.NewTicker(e.config.TTL / renewals)
	defer ticker.Stop()
	for {
		select {
		case <-e.closing:
			return
		case <-ticker.C:
		}
		stale := e.results.claims.olderThan(e.config.TTL/2, e.beforeLosing())
		for id, number := range stale {
			select {
			case <-e.closing:
				return
			default:
			}
			e.results.renew(id, number)
		}
	}
}

// beforeLosing returns the message before which claims are among the oldest half of
// what the stream takes.
func (e *Engine) beforeLosing() uint64 {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := e.js.Stream(ctx, e.names.results)
	if err != nil {
		return 0 // not known; it is asked again
	}
	last, kept := stream.CachedInfo().State.LastSeq, uint64(max(0, e.config.Capacity))/2
	return last - min(last, kept)
}

// olderThan returns the claims that were made so long ago, or before a message.
func (c *claims) olderThan(age time.Duration, before uint64) map[string]uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := make(map[string]uint64)
	for id, h := range c.held {
		if h.number < before || time.Since(h.since) > age {
			old[id] = h.number
		}
	}
	return old
}

// renew writes a claim once more, unless it has been replaced.
func (r *Results) renew(id string, number uint64) {
	subject := r.names.outcomeOf(id)
	next, err := r.writer.write(context.Background(), cell.Replacing(subject, encodeClaim(r.claims.self()), number))
	if err != nil {
		return // it is tried again; or it was replaced, and whoever holds it or records its outcome finds out
	}
	if r.claims.renewed(id, number, next) {
		return
	}
	free := cell.For(releasedFor, cell.Replacing(subject, encodeClaim(claim{}), next)) // it was released meanwhile
	if _, err := r.writer.write(context.Background(), free); err != nil && !errors.Is(err, cell.ErrConflict) {
		r.claims.hold(id, next) // until this process ends
	}
}

// renewed takes in that a claim has another number now. It is false if it was released
// or replaced.
func (c *claims) renewed(id string, before, number uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[id].number != before {
		return false
	}
	c.held[id] = held{number, time.Now()}
	return true
}
