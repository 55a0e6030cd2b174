package loader

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/blame"
	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
	"github.com/taskscheduler/taskscheduler/loader/internal/watch"
)

// A supervisor decides what happens to a plugin: a file, whatever instances of
// it come and go. It is in one of the states that operators see:
//
//	                    ┌────────────── loaded ──────────────┐
//	            loaded  ▼            crashed                 │
//	Loading ─────────▶ Serving ─────────────────▶ Restarting ┤ ⟲ crashed
//	   │                ▲  ▲ └────────────────────┐   │      │
//	   │ load failed    │  └────── restarted ─────│───┤      │
//	   ▼        loaded  │                         ▼   ▼      │
//	 Failed ────────────┤        quarantined: Quarantined ───┘ ⟲ quarantined
//	   ▲ load failed    │
//	Unloaded ───────────┘   ◀── unloaded, from every state
//
// and out of each it ends when the file is gone or the loader stops. The table
// transitions has the same, and what leaves a state as it is.
//
// The state decides what is done next: [supervisor.proceed] is the only
// place that starts it. At most one attempt at a new instance is under way, and
// what serves goes on serving meanwhile.
//
// One goroutine, run, does everything; others post to its mailbox.
type supervisor struct {
	name, file string // the plugin's name, and its file's
	launcher   launcher
	drain      *drain
	report     *reporter
	config     *Config
	patience   time.Duration // how long calls wait for an instance

	mailbox mailbox
	status  *status                  // what others see
	current atomic.Pointer[instance] // what calls go to; nil when nothing serves
	blame   blame.Log                // which calls make its processes crash
	tried   chan struct{}            // closed when it is in another state than Loading
	done    chan struct{}            // closed when the supervisor has ended

	// Its goroutine's.
	state   State
	serving *instance   // what current points to, also when it has just died
	loaded  *stage.Copy // what serves, or is to be started again; held; nil when nothing is

	seen     file.Fingerprint // the state in which the file came to rest last
	unread   bool             // the file is to be loaded unless its contents were tried already
	readAt   time.Time        // not before
	lastHash string           // SHA-256 of the contents that were tried last
	waiting  []chan<- answer  // operators who want the file loaded even if they were

	crashes   crashLog
	stalls    backoff
	replacing bool      // what serves is stuck and to be replaced
	startAt   time.Time // when loaded may be started again

	attempt *attempt // the one that is under way, or nil
	timer   *time.Timer
}

// An answer is what operators are told.
type answer struct {
	result LoadResult
	err    error
}

func newSupervisor(name, file string, config *Config, launcher launcher, drain *drain, report *reporter) *supervisor {
	timer := time.NewTimer(0)
	timer.Stop()
	return &supervisor{
		name: name, file: file, config: config, launcher: launcher, drain: drain, report: report,
		patience: restartPatience,
		mailbox:  mailbox{wake: make(chan struct{}, 1)},
		status:   newStatus(name, file),
		tried:    make(chan struct{}),
		done:     make(chan struct{}),
		state:    StateLoading,
		timer:    timer,
	}
}

// run supervises the plugin until its file is gone or the loader stops.
func (s *supervisor) run() {
	defer close(s.done)
	defer s.timer.Stop()
	for s.state != stateEnded {
		select {
		case <-s.mailbox.wake:
			for _, act := range s.mailbox.take() {
				act()
			}
		case <-s.timer.C:
		}
		s.proceed()
		if !s.unread {
			s.status.noteRead(s.seen)
		}
	}
	for _, act := range s.mailbox.close() {
		act()
	}
}

// proceed starts what the state asks for, if it is time for it.
func (s *supervisor) proceed() {
	switch {
	case s.attempt != nil:
	case s.state == stateEnded:
	case s.unread || len(s.waiting) > 0:
		s.at(s.readAt, s.read)
	case s.state == StateRestarting, s.state == StateQuarantined, s.state == StateServing && s.replacing:
		s.at(s.startAt, s.restart)
	}
}

// at does something if it is time for it, and otherwise sees to it that proceed is called then.
func (s *supervisor) at(when time.Time, do func()) {
	if wait := time.Until(when); wait > 0 {
		s.timer.Reset(wait)
		return
	}
	do()
}

// settled takes in that the file came to rest in another state.
func (s *supervisor) settled(seen file.Fingerprint) {
	s.cancelAttempt()
	s.seen, s.unread, s.readAt = seen, true, time.Time{}
}

// end takes everything away, because the file is gone or the loader stops.
func (s *supervisor) end(c cause, reason string) {
	if s.state != stateEnded {
		s.leaveService(c, reason)
	}
}

// operate does what an operator wants, or has it done. answers has room for one.
func (s *supervisor) operate(do command, answers chan<- answer) {
	switch {
	case s.state == stateEnded:
		answers <- answer{err: fmt.Errorf("plugin %s: its file is gone", s.name)}
	case do == unload:
		s.lastHash = s.attempt.hashOr(s.lastHash)
		s.leaveService(unloaded, "an operator unloaded it")
		answers <- answer{}
	case do == load && s.serving != nil:
		answers <- answer{result: LoadResult{Action: Unchanged, SHA256: s.loaded.SHA256, Before: s.loaded.SHA256}}
	default:
		if s.attempt != nil && s.attempt.kind == restartLoaded {
			s.cancelAttempt()
		}
		s.waiting = append(s.waiting, answers)
		s.crashes = crashLog{}
		s.blame.Forget()
	}
}

// leaveService takes the plugin's tasks and its process away. Calls in flight go on.
func (s *supervisor) leaveService(c cause, reason string) {
	s.cancelAttempt()
	s.unread = false
	_ = s.config.Tasks.Replace(s.file) // to remove can't fail
	s.current.Store(nil)
	had := s.loaded != nil
	if s.serving != nil {
		s.drain.retire(s.serving)
	}
	s.loaded.Drop()
	s.serving, s.loaded, s.replacing = nil, nil, false
	s.move(c, reason)
	s.answer(answer{err: fmt.Errorf("plugin %s: %s", s.name, reason)})
	if had && c != stopped {
		s.report.emit(EventUnloaded, s.name, s.file+": "+reason)
	}
}

// died takes in that an instance's process has ended by itself.
func (s *supervisor) died(i *instance) {
	if i != s.serving {
		return
	}
	s.serving, s.replacing = nil, false
	s.drain.retire(i)
	if !i.hung.Load() {
		s.drain.pending.Go(func() {
			<-i.drained
			s.blame.Crashed(i.lost)
		})
	}
	reason := "the process ended without being asked to"
	if err := i.child.ExitError(); err != nil {
		reason = err.Error()
	}
	s.crash(reason)
}

// crash decides when loaded is started again.
func (s *supervisor) crash(reason string) {
	pause, tooOften, recent := s.crashes.add(time.Now())
	s.startAt = time.Now().Add(pause)
	if !tooOften {
		s.move(crashed, reason)
		s.report.emit(EventCrashed, s.name, reason)
		return
	}
	why := fmt.Sprintf("its process died %d times within %s, the last time because: %s", recent, crashWindow, reason)
	if recent <= maxCrashes {
		why = "its process died again after a quarantine: " + reason
	}
	s.move(quarantined, why)
	s.report.emit(EventCrashed, s.name, reason)
	s.report.emit(EventQuarantined, s.name, fmt.Sprintf("%s; it is tried again in %s, or when its file changes or it is reloaded", why, pause))
}

// stuck takes in that a call in an instance does not end. The first time in a
// while the instance is replaced at once, then after pauses: each time leaves a
// process behind that is busy until its other calls have ended.
func (s *supervisor) stuck(i *instance) {
	if i != s.serving {
		return
	}
	recent, pause := s.stalls.add(time.Now())
	if recent == 1 {
		pause = 0
	}
	s.replacing, s.startAt = true, time.Now().Add(pause)
	s.move(stalled, "a call did not end when it should have; the process is replaced")
}

// answer tells the operators who wait for the file to be loaded how that went.
func (s *supervisor) answer(a answer) {
	for _, answers := range s.waiting {
		answers <- a
	}
	s.waiting = nil
}

// retryChanged is when a file that was not whole is tried again, unless the
// watcher has something new before.
const retryChanged = watch.WriterTime
