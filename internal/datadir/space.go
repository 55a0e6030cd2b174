package datadir

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostReserve is how much of a disk is left for the results of tasks that were
	// accepted before it was full, or a tenth of a small one.
	mostReserve = 128 << 20
	// lookEvery is how often it is looked at: within that time, a fast disk takes
	// less than the reserve.
	lookEvery = 200 * time.Millisecond
)

// Space watches how much is free on the disk of a data directory.
type Space struct {
	path    string
	logger  *slog.Logger
	full    atomic.Bool
	free    atomic.Int64
	closing chan struct{}
	watcher sync.WaitGroup
}

// Watch begins to watch; [Space.Close] ends it.
func (d *Dir) Watch(logger *slog.Logger) *Space {
	s := &Space{path: d.path, logger: logger, closing: make(chan struct{})}
	s.look()
	s.watcher.Go(func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.look()
			case <-s.closing:
				return
			}
		}
	})
	return s
}

func (s *Space) look() {
	free, all, err := space(s.path)
	if err != nil {
		return // whoever writes to it is told
	}
	s.free.Store(free)
	full := free < min(mostReserve, all/10)
	switch {
	case full == s.full.Swap(full):
	case full:
		s.logger.Error("the disk of the data directory is nearly full: no more tasks are accepted", "free", free, "dir", s.path)
	default:
		s.logger.Info("the disk of the data directory has room again", "free", free, "dir", s.path)
	}
}

// Full reports whether nothing more should be accepted.
func (s *Space) Full() bool { return s.full.Load() }

// Free returns how many bytes are free.
func (s *Space) Free() int64 { return s.free.Load() }

// Close ends the watching.
func (s *Space) Close() {
	close(s.closing)
	s.watcher.Wait()
}
