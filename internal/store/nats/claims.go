package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nuid"

	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// A claim says which process of which node holds an id; of none if it is released.
type claim struct {
	node, nonce string
	epoch       uint64 // the node's, then
}

// claims are those that this process holds.
type claims struct {
	members *members.Members // nil: nobody else can hold an id
	node    string
	nonce   string // this process's

	mu   *sync.Mutex
	held map[string]held
}

// held is a claim of this process.
type held struct {
	number uint64
	since  time.Time
}

func newClaims(all *members.Members) claims {
	c := claims{members: all, mu: new(sync.Mutex), held: make(map[string]held)}
	if all != nil {
		c.node, c.nonce = all.Self().ID, nuid.Next()
	}
	return c
}

// own tells whether a claim is this process's.
func (c *claims) own(other claim) bool { return other.node == c.node && other.nonce == c.nonce }

// self returns a claim of this process.
func (c *claims) self() claim { return claim{c.node, c.nonce, c.members.Self().Epoch} }

// number returns the number of the claim that this process holds; 0 if it holds none.
func (c *claims) number(id string) uint64 {
	if c.members == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[id].number
}

func (c *claims) hold(id string, number uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[id] = held{number, time.Now()}
}

// forgetAll is called when others have taken this node for dead: what it holds is to
// be looked up.
func (c *claims) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.held)
}

func (c *claims) forget(id string) {
	if c.members == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, id)
}

// Claims returns the store if several nodes share it; else nil.
func (e *Engine) Claims() store.Claims {
	if e.members == nil {
		return nil
	}
	return e.results
}

var _ store.Claims = (*Results)(nil)

// Claim implements [store.Claims].
func (r *Results) Claim(ctx context.Context, id string) (store.Claim, error) {
	return r.Take(ctx, id, "")
}

// Take implements [store.Claims].
func (r *Results) Take(ctx context.Context, id, gone string) (store.Claim, error) {
	subject := r.names.outcomeOf(id)
	replaces := r.claims.number(id) // others may have replaced that one
	data := encodeClaim(r.claims.self())
	for try := range maxTries {
		number, err := r.writer.write(ctx, cell.Replacing(subject, data, replaces))
		if err == nil {
			r.claims.hold(id, number)
			return store.Claim{Mine: true}, nil
		}
		switch {
		case errors.Is(err, cell.ErrFull):
			return store.Claim{}, fmt.Errorf("%w: %w", store.ErrFull, err)
		case !errors.Is(err, cell.ErrConflict):
			return store.Claim{}, fmt.Errorf("claim: %w", err)
		}
		there, err := r.last(ctx, subject)
		if err != nil {
			return store.Claim{}, fmt.Errorf("claim: %w", err)
		}
		found, err := r.found(ctx, there, gone)
		if err != nil || found != (store.Claim{}) {
			if found.Mine {
				r.claims.hold(id, there.number)
			}
			return found, err
		}
		if there.number == replaces { // another message is on its way
			if err := pause.For(ctx, afterTry(try)); err != nil {
				return store.Claim{}, err
			}
		}
		replaces = there.number
	}
	return store.Claim{}, fmt.Errorf("claim, %d times over: %w", maxTries, cell.ErrConflict)
}

// found says what it means that the stream has that; nothing if the id is free.
func (r *Results) found(ctx context.Context, there stored, gone string) (store.Claim, error) {
	switch {
	case there.ended && time.Now().Before(there.expires):
		return store.Claim{Ended: true, Outcome: there.outcome}, nil
	case there.ended, there.claim.node == "", there.claim.node == gone:
		return store.Claim{}, nil
	case r.claims.own(there.claim):
		return store.Claim{Mine: true}, nil
	case there.claim.node == r.claims.node && there.claim.epoch > r.claims.self().epoch: // of one that has this one's place
		return store.Claim{}, store.ErrNotMine
	case there.claim.node == r.claims.node: // of a life before
		return store.Claim{}, nil
	}
	known, err := r.claims.members.Known(ctx, there.claim.node)
	if err != nil || !known { // its tasks were taken over: this was none that is kept
		return store.Claim{}, err
	}
	return store.Claim{Holder: there.claim.node}, nil
}

// Holder implements [store.Claims].
func (r *Results) Holder(ctx context.Context, id string) (store.Claim, error) {
	there, err := r.last(ctx, r.names.outcomeOf(id))
	if err != nil {
		return store.Claim{}, fmt.Errorf("holder: %w", err)
	}
	return r.found(ctx, there, "")
}

// releasedFor is how long it is seen that an id was released; it is free at once.
const releasedFor = 10 * time.Second

// Release implements [store.Claims]. A claim whose answer was lost is one, too.
func (r *Results) Release(ctx context.Context, id string) error {
	subject := r.names.outcomeOf(id)
	number := r.claims.number(id)
	for until := time.Now().Add(callTimeout); ; {
		if number == 0 {
			there, err := r.last(ctx, subject)
			if err != nil {
				return fmt.Errorf("release: %w", err)
			}
			if there.ended || !r.claims.own(there.claim) {
				return nil
			}
			number = there.number
		}
		r.claims.forget(id)
		free := cell.For(releasedFor, cell.Replacing(subject, encodeClaim(claim{}), number))
		_, err := r.writer.write(ctx, free)
		if err == nil {
			return nil
		}
		// A conflict may be with a try of one's own that a change of leaders has lost.
		if !errors.Is(err, cell.ErrConflict) || time.Now().After(until) {
			return fmt.Errorf("release: %w", err)
		}
		number = 0
		if err := pause.For(ctx, makePause); err != nil {
			return fmt.Errorf("release: %w", err)
		}
	}
}
