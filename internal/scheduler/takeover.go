package scheduler

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/task"
)

// takeOverAtOnce is how many tasks are put into the queue together on the way from
// another one.
const takeOverAtOnce = 1000

// TakeOver submits the tasks that a node which is gone has kept, as [queue.Records]
// tells, and returns how many were not over. When it returns without an error, this
// node's queue has them. After an error it has some, and whoever takes over the same ones
// again, here or elsewhere, does no harm.
//
// As with Restore, nothing is refused.
func (s *Scheduler) TakeOver(
	ctx context.Context, gone string, records []queue.Record, decode func([]byte) (Request, error),
) (n int, err error) {
	for len(records) > 0 {
		if s.draining.Load() {
			return n, task.Errorf(task.Unavailable, "the server is draining")
		}
		some := records[:min(len(records), takeOverAtOnce)]
		records = records[len(some):]
		if some, err = s.notOver(ctx, some); err != nil {
			return n, err
		}
		loaded, err := s.putAll(some)
		if err != nil {
			return n, err
		}
		n += len(some)
		_ = inParallel(loaded, func(l *queue.Loaded) error {
			s.takeOver(&restoration{loaded: *l, gone: gone, decode: decode})
			return nil
		})
	}
	return n, nil
}

// notOver returns those that have not ended, and the letters.
func (s *Scheduler) notOver(ctx context.Context, records []queue.Record) (left []queue.Record, err error) {
	type look struct {
		record *queue.Record
		over   bool
	}
	looks := make([]look, len(records))
	for i := range records {
		looks[i].record = &records[i]
	}
	err = inParallel(looks, func(l *look) (err error) {
		if !l.record.Letter {
			_, l.over, err = s.outcomes.get(ctx, l.record.ID)
		}
		return err
	})
	for _, l := range looks {
		if !l.over {
			left = append(left, *l.record)
		}
	}
	return left, err
}

// putAll puts records into the queue and waits until it has them.
func (s *Scheduler) putAll(records []queue.Record) (loaded []queue.Loaded, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	done := make(chan struct{})
	s.config.Queue.Put(records, func(entries []*queue.Entry, failure error) {
		defer close(done)
		if err = failure; err != nil {
			return
		}
		for i, entry := range entries {
			loaded = append(loaded, queue.Loaded{Record: records[i], Entry: entry})
		}
	})
	<-done
	return loaded, err
}

// takeOver goes on with a task that another node has kept and this node's queue has
// now. What can't be done yet is tried again.
func (s *Scheduler) takeOver(r *restoration) {
	l, err := &r.loaded, s.restore(context.Background(), r)
	var damaged *unreadableError
	switch {
	case err == nil || s.draining.Load():
	case l.Letter:
		s.config.Logger.Error("a dead letter of another node can't be read", "id", l.ID, "error", err)
	case errors.As(err, &damaged):
		s.config.Logger.Error("a task of another node can't be read", "id", l.ID, "error", err)
		o, _ := s.outcomes.create(l.ID, failed(task.Errorf(task.Internal, "the task was taken over by a node that can't read it")))
		if o.Err == errNotStored {
			s.contested.add(r)
			return
		}
		s.config.Queue.Done(l.Entry)
	default:
		s.contested.add(r)
	}
}

// joinTaken makes e, which is here, outlive the process by an entry that the queue has
// of its id. If it returns a channel, e doesn't take it now, and it is to be looked again
// what the id means when that is closed: soon, or, if ends, when e has ended. That may be
// after the take-over, as when what the node that is gone tells of the task would count.
func (s *Scheduler) joinTaken(e *execution, entry *queue.Entry) (wait <-chan struct{}, ends bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.decided:
		return e.doneLocked(), true
	case e.kept == nil:
		e.kept = &kept{ready: make(chan struct{})}
		close(e.kept.ready)
	case e.kept.entry == nil: // the queue doesn't have it yet, or has just refused it
		return e.kept.ready, false
	default:
		s.config.Queue.Done(e.kept.entry) // of an id the newer one counts
	}
	e.kept.entry, e.pinned = entry, true
	return nil, false
}
