package scheduler

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// claimAll reserves and claims the ids of the batch together, or it would wait for
// each in turn. If someone else has reserved one of them, it does nothing: two batches
// must not wait for each other's.
func (b *batch) claimAll(ctx context.Context) error {
	seen := make(map[string]bool, len(b.requests))
	for i := range b.requests {
		id := b.requests[i].ID
		if id == "" || seen[id] {
			continue
		}
		seen[id] = true
		e, busy := b.s.table.reserve(id)
		switch {
		case e != nil:
			b.members[i].found = &known{id: id, execution: e}
		case busy != nil:
			b.freeReserved()
			return nil
		default:
			b.members[i].reserved = true
		}
	}
	indices := b.reserved()
	return inParallel(indices, func(i *int) error { return b.claim(ctx, *i) })
}

// reserved returns the members whose ids are reserved and whose tasks are not placed.
func (b *batch) reserved() (indices []int) {
	for i := range b.members {
		if b.members[i].reserved {
			indices = append(indices, i)
		}
	}
	return indices
}

func (b *batch) freeReserved() {
	for _, i := range b.reserved() {
		b.s.table.free(b.requests[i].ID)
	}
	clear(b.members)
}

// claim claims the id of member i, which is reserved.
func (b *batch) claim(ctx context.Context, i int) error {
	id, m := b.requests[i].ID, &b.members[i]
	c, left, err := b.s.claimUnlessLeft(ctx, id)
	switch {
	case err != nil:
		m.reserved = !left
		return &BatchError{Index: i, Err: task.ErrorOf(err)}
	case c.Mine:
		return nil
	}
	m.reserved, m.found = false, &known{id: id, outcome: c.Outcome, node: c.Holder}
	b.s.table.free(id)
	return nil
}

// releaseClaims frees the ids that the batch has reserved and not placed, so that they
// are free for all nodes when its caller is told; one who leaves isn't kept for that.
func (b *batch) releaseClaims(ctx context.Context) {
	reserved := b.reserved()
	if len(reserved) == 0 {
		return
	}
	ids := make([]string, len(reserved))
	for i, member := range reserved {
		ids[i] = b.requests[member].ID
	}
	released := make(chan struct{})
	go func() {
		defer close(released)
		_ = inParallel(ids, func(id *string) error {
			b.s.releaseClaim(*id)
			return nil
		})
	}()
	select {
	case <-released:
	case <-ctx.Done():
	}
}

// lookAgain is how often it is looked whether a node still has a task that is awaited:
// those who wanted it may have left.
const lookAgain = 2 * time.Second

// awaitElsewhere waits until a task that another node has is over. ok is false if those
// who wanted it there have left.
func (s *Scheduler) awaitElsewhere(ctx context.Context, id string) (receipt Receipt, ok bool, err error) {
	ended := make(chan Outcome, 1)
	if s.config.Elsewhere != nil {
		stop := s.config.Elsewhere.Await(id, func(o Outcome) { ended <- o })
		defer stop()
	}
	for {
		select {
		case o := <-ended:
			return Receipt{ID: id, Outcome: o}, true, nil
		case <-ctx.Done():
			return Receipt{}, false, gone(ctx)
		case <-time.After(lookAgain):
		}
		c, err := s.outcomes.holder(ctx, id)
		switch {
		case err != nil:
			return Receipt{}, false, err
		case c.Ended:
			return Receipt{ID: id, Outcome: c.Outcome}, true, nil
		case c.Holder == "":
			return Receipt{}, false, nil
		}
	}
}
