package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// outcomes is the store as the scheduler uses it: its errors go to the log,
// once when they begin and not again until they are over, and come out as what
// clients are told. No lock may be held around its calls.
type outcomes struct {
	store   store.Store
	instant bool
	reading watched
	writing watched
	keeping watched // of the queue
	// claims may be nil, claiming is of them.
	claims   store.Claims
	claiming watched
	// reach says why what nodes share may fail; nil: nothing is known of that.
	reach func() string
	// turns is as long as there are tasks at most that nobody waits for and that are
	// being stored, where that takes time: whoever does wait is stored beside them,
	// not behind all that end at the same moment.
	turns chan struct{}
}

// mostTurns is as many as a store may want to write together.
const mostTurns = 512

func (s *outcomes) init(kept store.Store, claims store.Claims, reach func() string, logger *slog.Logger) {
	s.reach = reach
	_, instant := kept.(store.Instant)
	s.store, s.claims, s.instant, s.turns = kept, claims, instant, make(chan struct{}, mostTurns)
	s.reading.logger, s.reading.what = logger, "reading"
	s.writing.logger, s.writing.what = logger, "writing"
	s.keeping.logger, s.keeping.what = logger, "keeping tasks"
	s.claiming.logger, s.claiming.what = logger, "claiming ids"
}

// errNotStored is the outcome of a task whose outcome the store didn't take.
var errNotStored = task.Errorf(task.Unavailable, "the outcome of the task could not be stored; submit it again")

// because is why the store fails, as far as it is known, to follow what clients are told.
func (s *outcomes) because() string {
	if s.reach == nil {
		return ""
	}
	if reason := s.reach(); reason != "" {
		return " (" + reason + ")"
	}
	return ""
}

// get returns the outcome of an id; ok is false if there is none.
func (s *outcomes) get(ctx context.Context, id string) (o Outcome, ok bool, err error) {
	if !PossibleID(id) {
		return Outcome{}, false, nil
	}
	o, ok, err = s.store.Get(ctx, id)
	if err != nil && ctx.Err() != nil {
		return Outcome{}, false, gone(ctx)
	}
	if !s.reading.works(err) {
		return Outcome{}, false, task.Errorf(task.Unavailable, "the outcomes of tasks can't be read now%s; try again", s.because())
	}
	return o, ok, nil
}

// createInTurn is create for a task that nobody waits for.
func (s *outcomes) createInTurn(id string, o Outcome) (stored Outcome, held bool) {
	s.turns <- struct{}{}
	defer func() { <-s.turns }()
	return s.create(id, o)
}

// create stores the outcome of an id and returns the one that it has then: an
// earlier one, or [errNotStored]'s. Instead, held says that another node has the
// id; stored is o then.
func (s *outcomes) create(id string, o Outcome) (stored Outcome, held bool) {
	stored, err := s.store.Create(context.Background(), id, o) // not a caller's, who may leave
	if errors.Is(err, store.ErrNotMine) {
		return o, true
	}
	if !s.writing.works(err) {
		return Outcome{State: Failed, Err: errNotStored, Attempt: o.Attempt}, false
	}
	return stored, false
}

// watched is one thing that a store does, and whether it fails to do it.
type watched struct {
	logger  *slog.Logger
	what    string
	failing atomic.Bool
	failed  atomic.Int64 // when it last did, as time.Time.UnixNano
}

// calm is how long after a failure it works again, for the log: where there is little
// room, one call finds some and the next one none.
const calm = time.Second

// works reports whether err is nil, and logs when that changes.
func (w *watched) works(err error) bool {
	switch {
	case err == nil && !w.failing.Load(): // as always
	case err == nil:
		if time.Since(time.Unix(0, w.failed.Load())) > calm && w.failing.CompareAndSwap(true, false) {
			w.logger.Info("the store works again", "call", w.what)
		}
	default:
		w.failed.Store(time.Now().UnixNano())
		if w.failing.CompareAndSwap(false, true) {
			w.logger.Error("the store fails; clients are told so until it works again", "call", w.what, "error", err)
		}
	}
	return err == nil
}
