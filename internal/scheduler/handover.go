package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/internal/queue"
)

// Others are nodes that may take over what this one has accepted. They are safe for
// concurrent use.
type Others interface {
	// CanRun reports whether another node that takes tasks can run a method.
	CanRun(method string) bool
	// Give has such a node take over tasks of a method, as [Scheduler.TakeOver] does.
	// After an error it may have them or not: it does no harm if they are taken over
	// once more.
	Give(ctx context.Context, method string, tasks []queue.Record) error
}

// HandOver has other nodes go on with the kept tasks that have not begun here and that
// nobody here waits for, as far as there are nodes that can run them. It returns how
// many it has handed over.
func (s *Scheduler) HandOver(ctx context.Context) (n int) {
	if s.config.Others == nil || s.config.Queue == nil {
		return 0
	}
	return s.handOver(ctx, s.table.all())
}

// A parcel on its way has so many tasks and about so many bytes at most.
const (
	parcelTasks = 500
	parcelBytes = 256 << 10
)

// parcel are tasks of one method on their way to another node.
type parcel struct {
	method     string
	executions []*execution
	records    []queue.Record
	bytes      int
}

// handOver is HandOver for some executions. Once it has failed for a method it doesn't
// try that again.
func (s *Scheduler) handOver(ctx context.Context, executions []*execution) (n int) {
	parcels := make(map[string]*parcel) // nil: nobody takes them
	send := func(p *parcel) {
		if s.give(ctx, p) {
			n += len(p.records)
			parcels[p.method] = &parcel{method: p.method}
		} else {
			parcels[p.method] = nil
		}
	}
	for _, e := range executions {
		method := e.methodName()
		p, seen := parcels[method]
		if !seen && s.config.Others.CanRun(method) {
			p = &parcel{method: method}
		}
		parcels[method] = p
		if p == nil || ctx.Err() != nil || !s.pack(p, e) {
			continue
		}
		if len(p.records) >= parcelTasks || p.bytes >= parcelBytes {
			send(p)
		}
	}
	for _, p := range parcels {
		if p != nil && len(p.records) > 0 {
			send(p)
		}
	}
	return n
}

// pack puts e into a parcel, and keeps it from beginning, if it is one to hand over.
func (s *Scheduler) pack(p *parcel, e *execution) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	k := e.kept
	if k == nil || k.entry == nil || k.packed || e.decided || e.state != Pending || e.active {
		return false
	}
	if e.submitters > 0 || e.waiters > 0 {
		return false
	}
	r, err := s.recordLocked(e)
	if err != nil {
		return false
	}
	r.ID, r.Submitted = e.id, e.submitted
	k.packed, k.turnedAway = true, false
	p.executions, p.records, p.bytes = append(p.executions, e), append(p.records, r), p.bytes+len(r.ID)+len(r.Request)
	return true
}

// give gives a parcel to another node. If that takes it, it is done with here.
func (s *Scheduler) give(ctx context.Context, p *parcel) bool {
	if err := s.config.Others.Give(ctx, p.method, p.records); err != nil {
		s.config.Logger.Info("no other node takes accepted tasks over", "method", p.method, "tasks", len(p.records), "error", err)
		for _, e := range p.executions {
			s.unpack(e)
		}
		return false
	}
	_ = inParallel(p.executions, func(e **execution) error {
		s.given(*e)
		return nil
	})
	return true
}

// unpack lets e go on here.
func (s *Scheduler) unpack(e *execution) {
	e.mu.Lock()
	e.kept.packed = false
	again := e.kept.turnedAway && !e.decided && !s.draining.Load()
	e.mu.Unlock()
	if again {
		s.enqueue(e)
	}
}

// given lets go of e, which another node has.
func (s *Scheduler) given(e *execution) {
	if !s.vanish(e, ErrMoved, byMoving) {
		return // it was cancelled; what the other node makes of it counts
	}
	e.mu.Lock()
	entry := e.kept.entry
	e.kept.entry = nil
	e.mu.Unlock()
	s.config.Queue.Done(entry)
	s.releaseEnded(e) // which does no more than make the store forget that the claim was here
}

// turnAwayLocked reports whether e, which could begin, is on its way to another node.
func (e *execution) turnAwayLocked() bool {
	if e.kept.packed {
		e.kept.turnedAway = true
	}
	return e.kept.packed
}
