package server

import (
	"log/slog"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
)

// newLetters returns the list of dead letters, which outlive the process as
// accepted tasks do.
func (s *Server) newLetters() *deadletter.List {
	limits := deadletter.Limits{Count: s.config.DeadLetterCapacity, Bytes: s.config.DeadLetterMemory}
	if s.data.queue == nil {
		return deadletter.New(limits, nil)
	}
	return deadletter.New(limits, &letterKeeper{queue: s.data.queue, logger: s.config.Logger})
}

// deadLetter returns what the scheduler tells of each task that has used up its
// attempts; nil when no operator could ask for it, here or at another node.
func (s *Server) deadLetter() func(scheduler.DeadLetter) {
	if s.admin == nil && s.cluster == nil {
		return nil
	}
	return func(letter scheduler.DeadLetter) {
		s.letters.Add(letter)
		s.feed.Publish(stats.Event{Time: letter.Execution.Ended, Kind: stats.DeadLettered, Execution: letter.Execution})
	}
}

// keptLetter returns what takes in a letter that a process before this one has
// kept; nil when no operator could ask for it.
func (s *Server) keptLetter() func(queue.Loaded) error {
	if s.admin == nil && s.cluster == nil {
		return nil
	}
	return func(kept queue.Loaded) error {
		letter, err := admin.DecodeLetter(kept.Request, s.config.Tasks)
		if err == nil {
			s.letters.Restore(letter, func() { s.data.queue.Done(kept.Entry) })
		}
		return err
	}
}

// letterKeeper keeps letters in the queue of accepted tasks.
type letterKeeper struct {
	queue  *queue.Queue
	logger *slog.Logger
}

// Keep implements [deadletter.Keeper].
func (k *letterKeeper) Keep(letter *scheduler.DeadLetter, kept func(forget func())) {
	id := letter.Execution.ID
	failed := func(err error) {
		k.logger.Error("a dead letter is not kept over the end of the process", "id", id, "error", err)
	}
	encoded, err := admin.EncodeLetter(letter)
	if err != nil {
		failed(err)
		return
	}
	record := queue.Record{ID: id, Request: encoded, Submitted: letter.Execution.Submitted, Letter: true}
	k.queue.Put([]queue.Record{record}, func(entries []*queue.Entry, err error) {
		if err != nil {
			failed(err)
			return
		}
		kept(func() { k.queue.Done(entries[0]) })
	})
}
