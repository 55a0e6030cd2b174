package child

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// patience is how long the leader may be in one call before another goroutine
// leads instead: at most twice as long.
const patience = time.Millisecond

// A lead is the reading of what the parent sends. One goroutine at a time has it.
// That one runs the calls of tasks that are known to be brief itself, one after
// the other, and sends their answers together: a goroutine for each costs more than
// such a call. When one takes longer all the same, the lead goes to another
// goroutine, and the old leader ends with its call.
type lead struct {
	server *server
	reader *frame.Reader
	pace   []taskPace // of each task
	// threads has one in it for each call on a goroutine of its own: a process that
	// needs more threads than it may have ends, with all calls.
	threads chan struct{}
	ended   chan error // gets one: how the stream has ended

	// step counts the leader's steps; odd while it runs a call. Adding one to an odd
	// number ends that: the leader does so and goes on, or look does and takes the
	// lead away.
	step    atomic.Uint64
	current atomic.Int64 // the task that the leader runs
	watched atomic.Bool  // the timer is set
	timer   *time.Timer
	seen    uint64 // the step at the last look
}

// serve does what the parent asks for, until the stream ends.
func (s *server) serve(reader *frame.Reader) error {
	l := &lead{
		server: s, reader: reader, pace: newPaces(s.tasks),
		threads: make(chan struct{}, callsAtATime(s.options.Limits.Threads)), ended: make(chan error, 1),
	}
	l.watched.Store(true) // first: the timer may go off at once
	l.timer = time.AfterFunc(patience, l.look)
	go l.run()
	err := <-l.ended
	l.timer.Stop()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("what the server sends: %w", err)
}

// callsAtATime is how many calls may have a thread each where a process may have so
// many threads.
func callsAtATime(threads int) int {
	const own, most = 16, 1 << 16 // own: those of Go's runtime
	if threads <= 0 {
		return most
	}
	return min(max(threads-own, threads/2, 1), most)
}

// run leads until the stream is over or the lead is taken away.
func (l *lead) run() {
	own := l.server.newCall()
	own.held = true
	for {
		if !l.reader.Ready() {
			l.server.writer.Flush()
		}
		f, err := l.reader.Next()
		leads := true
		switch {
		case err != nil:
		case f.Kind == frame.Call:
			leads, err = l.call(f, own)
		default:
			err = l.server.receive(f)
		}
		switch {
		case !leads: // who leads now may have flushed before this call was answered
			l.server.writer.Flush()
			return
		case err != nil:
			l.ended <- err
			return
		}
	}
}

// call begins the call that a frame asks for, and tells whether the caller still
// leads then. own is the leader's own call.
func (l *lead) call(f frame.Frame, own *runningCall) (leads bool, err error) {
	own.reset()
	if err := l.server.parse(f.Body, &own.Call); err != nil {
		return true, err
	}
	pace := &l.pace[own.Task]
	if pace.brief() {
		return l.runHere(own, pace), nil
	}
	if !f.Own { // the next frame takes its memory
		f.Body = slices.Clone(f.Body)
	}
	c := l.server.newCall()
	if err := l.server.parse(f.Body, &c.Call); err != nil {
		return true, err
	}
	go func() {
		l.threads <- struct{}{}
		began := time.Now()
		c.run()
		pace.took(time.Since(began))
		<-l.threads
	}()
	return true, nil
}

// runHere runs a call on the leader's goroutine.
func (l *lead) runHere(c *runningCall, pace *taskPace) (leads bool) {
	l.current.Store(int64(c.Task))
	step := l.step.Add(1)
	if !l.watched.Load() && l.watched.CompareAndSwap(false, true) {
		l.timer.Reset(patience)
	}
	began := time.Now()
	c.run()
	pace.took(time.Since(began))
	return l.step.CompareAndSwap(step, step+1)
}

// look takes the lead from who is in the same call as at the last look. It comes
// again until there has been no call in between.
func (l *lead) look() {
	step, before := l.step.Load(), l.seen
	l.seen = step
	switch {
	case step != before:
	case step%2 == 1:
		l.takeOver(step)
	default:
		l.watched.Store(false)
		if l.step.Load() == step || !l.watched.CompareAndSwap(false, true) {
			return // nothing runs, or its leader has set the timer
		}
	}
	l.timer.Reset(patience)
}

// takeOver has another goroutine lead, unless the call that the leader is in has
// ended. What was read and what that call looks at are the old leader's.
func (l *lead) takeOver(step uint64) {
	if !l.step.CompareAndSwap(step, step+1) {
		return
	}
	l.pace[l.current.Load()].Takes(longest)
	l.reader = l.reader.Fork()
	go l.run()
}

// parse reads the body of a call, whose memory c shares.
func (s *server) parse(body []byte, c *library.Call) error {
	if err := frame.ParseCall(body, s.options.MaxFrameBytes, c); err != nil {
		return fmt.Errorf("a call makes no sense: %w", err)
	}
	if c.Task >= len(s.tasks) || c.ID == 0 {
		return fmt.Errorf("a call of task %d with id %d, of %d tasks", c.Task, c.ID, len(s.tasks))
	}
	return nil
}
