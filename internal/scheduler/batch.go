package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// A BatchError is the refusal of a batch: none of its tasks is there.
type BatchError struct {
	Index int // of the first task that is refused, from 0
	Err   *task.Error
}

// Error implements error.
func (e *BatchError) Error() string { return fmt.Sprintf("tasks[%d]: %s", e.Index, e.Err.Message) }

// Unwrap returns why the task is refused.
func (e *BatchError) Unwrap() error {
	return &task.Error{Code: e.Err.Code, Message: e.Error()}
}

// SubmitBatch submits tasks together, which may depend on one another in any
// order: all are admitted, or none, and the error is a [BatchError]. It returns
// as Submit does, when those that are not detached have ended, with a receipt
// for each task in the order of the requests.
//
// When ctx ends first, the tasks are left as Submit leaves its own, and the
// error is a [task.Error].
func (s *Scheduler) SubmitBatch(ctx context.Context, requests []Request) ([]Receipt, error) {
	b := batch{s: s, requests: requests, members: make([]member, len(requests)), came: time.Now()}
	if err := b.order(); err != nil {
		return nil, err
	}
	if s.config.Claims != nil {
		defer b.releaseClaims(ctx)
		if err := b.claimAll(ctx); err != nil {
			return nil, err
		}
	}
	for _, i := range b.sorted {
		if err := b.place(ctx, i); err != nil {
			b.undo(ctx)
			return nil, &BatchError{Index: i, Err: task.ErrorOf(err)}
		}
	}
	if err := b.keep(); err != nil {
		b.undo(ctx)
		return nil, err
	}
	b.start()
	return b.await(ctx)
}

// batch is a batch on its way.
type batch struct {
	s        *Scheduler
	requests []Request
	byID     map[string]int // the first of each id; nil if none depends on another
	sorted   []int          // dependencies before their dependents
	members  []member
	came     time.Time
}

// member is what became of one task of a batch: placed or found is set in the end.
type member struct {
	placed   *execution
	found    *known
	reserved bool // its id is, and this node has claimed it
}

// place admits task i, or finds what its id means already.
func (b *batch) place(ctx context.Context, i int) error {
	request, m := b.requests[i], &b.members[i]
	request.alongside, request.Came = b.byID, b.came
	var err error
	switch {
	case m.found != nil:
	case m.reserved:
		m.reserved = false
		m.placed, err = b.s.placeReserved(ctx, &request)
	default:
		m.placed, m.found, err = b.s.admitOrFind(ctx, &request)
	}
	if held, ok := errors.AsType[*HeldError](err); ok {
		m.found, err = &known{id: held.ID, node: held.Node}, nil
	}
	return err
}

// undo takes back what was admitted, and waits until its ids are free for all nodes; one
// who leaves isn't kept for that.
func (b *batch) undo(ctx context.Context) {
	refusal := failed(task.Errorf(task.Unavailable, "the batch that it came with was refused; submit it again"))
	for i := range b.members {
		if e := b.members[i].placed; e != nil {
			b.s.end(e, refusal, byRefusing)
		}
	}
	for i := range b.members {
		if e := b.members[i].placed; e != nil && b.s.config.Claims != nil {
			b.s.awaitReleased(ctx, e)
		}
	}
}

// runAlone is how long a batch's tasks run one after the other on the goroutine
// that brought them. Small tasks are over by then, and handing them over would
// cost more than they do; larger ones are for all cores.
const runAlone = 500 * time.Microsecond

// start starts the tasks.
func (b *batch) start() {
	began, alone := time.Now(), true
	for _, i := range b.sorted {
		e, request := b.members[i].placed, &b.requests[i]
		if e == nil {
			continue
		}
		if alone && len(request.Deps) == 0 && e.runsAtOnce() {
			if b.s.acquire(e) {
				if next := b.s.run(e); next != nil {
					go b.s.work(next)
				}
				alone = e.endedWithin(runAlone, began)
			}
			continue
		}
		b.s.startApart(e, len(request.Deps) > 0)
	}
}

// await returns the receipts when all tasks have ended that are not detached.
func (b *batch) await(ctx context.Context) ([]Receipt, error) {
	receipts := make([]Receipt, len(b.members))
	for i, m := range b.members {
		var err error
		if receipts[i], err = b.receipt(ctx, i, m); err != nil {
			b.leave(i + 1)
			return nil, err
		}
	}
	return receipts, nil
}

func (b *batch) receipt(ctx context.Context, i int, m member) (Receipt, error) {
	e, detached := m.placed, b.requests[i].Detached
	switch {
	case e == nil && m.found.node != "":
		if detached {
			return Receipt{ID: m.found.id}, nil
		}
		receipt, ok, err := b.s.awaitElsewhere(ctx, m.found.id)
		return b.unlessLeft(m, receipt, ok, err)
	case e == nil:
		receipt, ok, err := b.s.join(ctx, m.found, &b.requests[i])
		return b.unlessLeft(m, receipt, ok, err)
	case detached:
		return Receipt{ID: e.id}, nil
	}
	e.mu.Lock()
	if e.told {
		defer e.mu.Unlock()
		return e.receiptLocked(ctx)
	}
	done := e.doneLocked()
	e.mu.Unlock()
	return b.s.await(ctx, e, done)
}

// unlessLeft is what a member's submission is told. Without ok those who wanted its task
// have left, and the submission came too late for its end.
func (b *batch) unlessLeft(m member, receipt Receipt, ok bool, err error) (Receipt, error) {
	if err == nil && !ok {
		left := task.Errorf(task.Unavailable, "task %q was left by those who wanted it; submit it again", m.found.id)
		receipt = Receipt{ID: m.found.id, Outcome: failed(left)}
	}
	return receipt, err
}

// leave leaves the tasks from the i-th on.
func (b *batch) leave(i int) {
	for ; i < len(b.members); i++ {
		if e := b.members[i].placed; e != nil && !b.requests[i].Detached {
			b.s.leave(e)
		}
	}
}

// keep has the queue keep the tasks that are to outlive the process.
func (b *batch) keep() error {
	var keeping []*execution
	for _, i := range b.sorted {
		if e := b.members[i].placed; e != nil && b.s.keeps(&b.requests[i]) {
			keeping = append(keeping, e)
		}
	}
	if len(keeping) == 0 {
		return nil
	}
	answer := make(chan error, 1)
	b.s.keep(keeping, func(err error) { answer <- err })
	return <-answer
}
