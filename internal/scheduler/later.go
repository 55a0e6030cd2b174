package scheduler

import (
	"cmp"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/timetable"
	"github.com/taskscheduler/taskscheduler/task"
)

// later is what only those executions have that begin at a time of their own, or
// may run more than once. What it takes to go on with one elsewhere is plain
// data: the request, the attempts and when the next is due.
type later struct {
	startAt time.Time    // zero: at once
	policy  *RetryPolicy // nil: it runs once
	retryOf string       // the task that it is another try of, if any
	letter  *DeadLetter  // once its end is decided, if it becomes one

	// Guarded by the execution's lock.
	come   bool      // its time to start, if it has one
	lapsed bool      // its function has not returned from an attempt that is over
	waited bool      // likewise, and the backoff after that attempt is over
	until  time.Time // while it waits to start, or in a backoff: when that ends
	start  timetable.Entry[*execution]
	again  timetable.Entry[*execution]
}

// timetables are those who wait for a time. A time to start is one of the
// world's clocks: it holds when this machine's is set, and when the machine has
// slept. A backoff is a time to let pass, so nothing that is done to the clock
// makes it shorter or longer.
type timetables struct {
	starts, backoffs *timetable.Table[*execution]
	// stopAt is when the server stops, in Unix nanoseconds; 0: not that anyone knew.
	stopAt atomic.Int64
}

// clockLook is after how long at the latest it is noticed that the machine's
// clock has been set.
const clockLook = time.Second

func (t *timetables) init(start, again func(*execution)) {
	t.starts = timetable.New(timetable.Wall, clockLook, start)
	t.backoffs = timetable.New(timetable.Monotonic(), 0, again)
}

// newLater returns what an execution needs for what request asks, or nil.
func newLater(request *Request, now time.Time) *later {
	if request.Retry == nil && request.StartAt.IsZero() {
		return nil
	}
	starts := request.StartAt.After(now)
	if request.Retry == nil && !starts {
		return nil
	}
	l := &later{policy: request.Retry, retryOf: request.RetryOf, come: !starts}
	if starts {
		l.startAt, l.until = request.StartAt, request.StartAt
	}
	return l
}

// checkStart refuses a time that is too far away: what waits for it takes room.
func (s *Scheduler) checkStart(at time.Time) error {
	if at.IsZero() { // and no clock need be read
		return nil
	}
	if ahead := time.Until(at); ahead > s.config.MaxStartDelay {
		return task.Errorf(task.InvalidArgument, "start_at is %s ahead; at most %s",
			ahead.Round(time.Second), s.config.MaxStartDelay)
	}
	return nil
}

// startsLater reports whether e has a time to start that has not come.
func (e *execution) startsLater() bool { return e.later != nil && !e.later.come }

// waitToStart has e start when its time has come.
func (s *Scheduler) waitToStart(e *execution) {
	l := e.later
	s.times.starts.Add(&l.start, e, l.startAt.UnixNano())
	s.checkWait(e, l.startAt)
}

// checkWait takes back that e waits until then if it has ended meanwhile, or
// the server stops before that.
func (s *Scheduler) checkWait(e *execution, until time.Time) {
	if at := s.times.stopAt.Load(); at != 0 && until.UnixNano() > at {
		s.end(e, stopped(), byStopping)
	}
	e.mu.Lock()
	decided := e.decided
	e.mu.Unlock()
	if decided { // before it was in the timetable
		s.times.remove(e)
	}
}

// remove takes e out.
func (t *timetables) remove(e *execution) {
	if e.later != nil {
		t.starts.Remove(&e.later.start)
		t.backoffs.Remove(&e.later.again)
	}
}

// come is called when e's time to start has come. The wait for dependencies
// that have not ended by then is bounded from here on.
func (s *Scheduler) come(e *execution) {
	e.mu.Lock()
	if e.decided {
		e.mu.Unlock()
		return
	}
	e.later.come, e.later.until = true, time.Time{}
	ready := e.dependencies.missing == 0
	if ready {
		s.stopWaitingLocked(e)
	} else {
		s.boundWaitLocked(e)
	}
	e.mu.Unlock()
	if ready {
		s.enqueue(e)
	}
}

// boundWaitLocked bounds e's wait for its dependencies.
func (s *Scheduler) boundWaitLocked(e *execution) {
	e.timer = time.AfterFunc(cmp.Or(e.dependencyTimeout, s.config.DependencyTimeout), func() { s.expire(e) })
}
