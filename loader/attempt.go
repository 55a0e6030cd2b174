package loader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
)

// An attempt is one try at having a new instance, in two steps: a copy of the
// file, unless loaded is to be started again, and a process. Each step runs
// beside the supervisor, which hears of its end in its mailbox. A cancelled
// attempt is forgotten at once; what it still brings is thrown away.
type attempt struct {
	kind   attemptKind
	staged *stage.Copy // held; nil until there is one
	cancel context.CancelFunc
}

type attemptKind int

const (
	readFile      attemptKind = iota // load what the file holds now
	restartLoaded                    // start the contents that are loaded already
)

// hashOr returns the SHA-256 of what the attempt has read, or else.
func (a *attempt) hashOr(other string) string {
	if a == nil || a.staged == nil || a.kind != readFile {
		return other
	}
	return a.staged.SHA256
}

// cancelAttempt ends the attempt that is under way, if any.
func (s *supervisor) cancelAttempt() {
	a := s.attempt
	if a == nil {
		return
	}
	s.attempt = nil
	a.cancel()
	a.staged.Drop()
}

// begin makes an attempt the one that is under way.
func (s *supervisor) begin(kind attemptKind) (*attempt, context.Context) {
	ctx, cancel := context.WithCancel(context.Background())
	s.attempt = &attempt{kind: kind, cancel: cancel}
	return s.attempt, ctx
}

// finish takes the attempt that is under way away; the caller holds its copy.
func (s *supervisor) finish() (staged *stage.Copy) {
	a := s.attempt
	s.attempt = nil
	a.cancel()
	return a.staged
}

// read begins to load what the file holds now.
func (s *supervisor) read() {
	a, ctx := s.begin(readFile)
	seen := s.seen
	s.drain.pending.Go(func() {
		staged, err := s.launcher.copyFile(ctx, s.file, seen)
		if !s.mailbox.post(func() { s.copied(ctx, a, staged, err) }) {
			staged.Drop()
		}
	})
}

// copied goes on with an attempt that has a copy of the file.
func (s *supervisor) copied(ctx context.Context, a *attempt, staged *stage.Copy, err error) {
	if a != s.attempt {
		staged.Drop()
		return
	}
	a.staged = staged
	switch {
	case errors.Is(err, stage.ErrChanged):
		s.finish()
		s.readAt = time.Now().Add(retryChanged)
	case err != nil:
		s.finish()
		s.failToLoad(err)
	case len(s.waiting) == 0 && s.known(staged.SHA256):
		s.finish().Drop()
		s.unread, s.lastHash = false, staged.SHA256
		if s.serving != nil && s.loaded.SHA256 == staged.SHA256 { // a bad file was put right
			s.status.update(func(p *Plugin) { p.LastError = "" })
		}
	default:
		s.launch(ctx, a)
	}
}

// known tells whether contents were tried already, and need not be again.
func (s *supervisor) known(hash string) bool {
	return hash == s.lastHash || s.loaded != nil && hash == s.loaded.SHA256
}

// restart begins to start again what is loaded.
func (s *supervisor) restart() {
	a, ctx := s.begin(restartLoaded)
	a.staged = s.loaded.Hold()
	s.launch(ctx, a)
}

// launch starts a process of an attempt's copy.
func (s *supervisor) launch(ctx context.Context, a *attempt) {
	staged := a.staged.Hold()
	s.drain.pending.Go(func() {
		defer staged.Drop()
		i, err := s.start(ctx, staged)
		if !s.mailbox.post(func() { s.launched(a, i, err) }) && i != nil {
			s.drain.retire(i)
		}
	})
}

// start returns an instance that has loaded a copy. The process answered once,
// and its table is in order; it is not in service yet.
func (s *supervisor) start(ctx context.Context, staged *stage.Copy) (*instance, error) {
	var i *instance
	child, err := s.launcher.start(ctx, s.name, staged, func() { // about a call, so after i is there
		if !i.stuck.Swap(true) {
			s.mailbox.post(func() { s.stuck(i) })
		}
	})
	if err != nil {
		return nil, err
	}
	i = newInstance(s.name, child, staged)
	return i, nil
}

// launched takes in what came of an attempt.
func (s *supervisor) launched(a *attempt, i *instance, err error) {
	if a != s.attempt {
		if i != nil {
			s.drain.retire(i)
		}
		return
	}
	staged := s.finish()
	defer staged.Drop()
	if a.kind == readFile {
		s.unread, s.lastHash = false, staged.SHA256
	}
	if err == nil {
		err = s.serve(i)
	}
	switch {
	case err == nil && a.kind == readFile:
		s.loadedFile(staged)
	case err == nil:
		s.restarted()
	case a.kind == readFile:
		s.failToLoad(err)
	default:
		s.failToRestart(err)
	}
}

// serve puts an instance into service in place of the one before. If it can't,
// nothing has changed.
func (s *supervisor) serve(i *instance) error {
	if err := s.config.Tasks.Replace(s.file, s.tasksOf(i)...); err != nil {
		s.drain.retire(i)
		return fmt.Errorf("plugin %s: %w", s.name, err)
	}
	before := s.serving
	s.serving, s.replacing = i, false
	s.current.Store(i)
	s.drain.pending.Go(func() {
		i.watchHealth()
		<-i.child.Broken()
		s.current.CompareAndSwap(i, nil)
		s.mailbox.post(func() { s.died(i) })
	})
	if before != nil {
		s.drain.retire(before)
	}
	return nil
}
