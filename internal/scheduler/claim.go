package scheduler

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// A HeldError says that another node has claimed the id of a submission: who asks
// there joins its task.
type HeldError struct {
	ID   string
	Node string // that has it
}

// Error implements error.
func (e *HeldError) Error() string { return e.Unwrap().Error() }

// Unwrap returns what clients are told.
func (e *HeldError) Unwrap() error {
	return task.Errorf(task.Unavailable, "task %q is that of node %s, which did not answer; try again", e.ID, e.Node)
}

// mostLeftClaims bounds the claims whose callers have left before they were answered.
// While there are as many, callers are kept until they are.
const mostLeftClaims = 10_000

// claim makes an id, which the caller has reserved, this node's; or frees it and
// returns what it means to the nodes.
func (s *Scheduler) claim(ctx context.Context, id string) (*known, error) {
	c, left, err := s.claimUnlessLeft(ctx, id)
	switch {
	case left:
		return nil, err
	case err != nil:
		go s.releaseClaim(id) // it may be there all the same
		return nil, err
	case c.Mine:
		return nil, nil //nolint:nilnil // nothing is known of the id, and it is this node's
	}
	s.table.free(id)
	if c.Ended {
		return &known{id: id, outcome: c.Outcome}, nil
	}
	return nil, &HeldError{ID: id, Node: c.Holder}
}

// claimUnlessLeft claims an id that is reserved. A caller who leaves meanwhile isn't
// kept, since where the data is may not answer for seconds: left tells so, and that the
// claim is released, and the id freed, once there is an answer.
func (s *Scheduler) claimUnlessLeft(ctx context.Context, id string) (c store.Claim, left bool, err error) {
	answered := make(chan struct{})
	var answer store.Claim
	var failure error
	go func() {
		defer close(answered)
		answer, failure = s.outcomes.claim(context.WithoutCancel(ctx), id)
	}()
	var leaves <-chan struct{}
	if s.leftClaims.Load() < mostLeftClaims {
		leaves = ctx.Done()
	}
	select {
	case <-answered:
		return answer, false, failure
	case <-leaves:
	}
	s.leftClaims.Add(1)
	go func() {
		defer s.leftClaims.Add(-1)
		<-answered
		s.releaseClaim(id)
	}()
	return store.Claim{}, true, gone(ctx)
}

// releaseClaim releases a claim and then frees the id here, in this order: whoever
// reserves it next claims it anew.
func (s *Scheduler) releaseClaim(id string) {
	defer s.table.free(id)
	s.outcomes.release(id)
}

// releaseEnded frees the id of e, which has ended without a trace, for all nodes: when
// the others have answered, which may take seconds. Until then the id is reserved.
func (s *Scheduler) releaseEnded(e *execution) {
	if s.config.Claims == nil {
		return
	}
	if there, busy := s.table.reserve(e.id); there != nil || busy != nil {
		return // a submission that came meanwhile has the claim
	}
	go s.releaseClaim(e.id)
}

// awaitReleased waits until e's id, which releaseEnded frees, is free, or ctx is over.
func (s *Scheduler) awaitReleased(ctx context.Context, e *execution) {
	there, busy := s.table.reserve(e.id)
	switch {
	case busy != nil:
		select {
		case <-busy:
		case <-ctx.Done():
		}
	case there == nil:
		s.table.free(e.id)
	}
}

// claim is [store.Claims.Claim]; its error is a [task.Error].
func (s *outcomes) claim(ctx context.Context, id string) (store.Claim, error) {
	c, err := s.claims.Claim(ctx, id)
	return c, s.claimed(ctx, err)
}

// take is [store.Claims.Take]; its error is a [task.Error].
func (s *outcomes) take(ctx context.Context, id, gone string) (store.Claim, error) {
	c, err := s.claims.Take(ctx, id, gone)
	return c, s.claimed(ctx, err)
}

// holder is [store.Claims.Holder]; its error is a [task.Error].
func (s *outcomes) holder(ctx context.Context, id string) (store.Claim, error) {
	c, err := s.claims.Holder(ctx, id)
	return c, s.claimed(ctx, err)
}

func (s *outcomes) claimed(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return gone(ctx)
	}
	switch works := s.claiming.works(err); {
	case errors.Is(err, store.ErrFull):
		return errNoRoom
	case !works:
		return task.Errorf(task.Unavailable, "it can't be known now what the other nodes know of the task%s; try again", s.because())
	}
	return nil
}

// release gives a claim back. If that fails, submissions of the id are sent here
// until the claim is too old.
func (s *outcomes) release(id string) {
	if err := s.claims.Release(context.Background(), id); err != nil { // no caller's context: they may have left
		s.claiming.works(err) // success says nothing: there may have been none
	}
}
