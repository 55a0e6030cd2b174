package datadir

import (
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// mostReserve is how much of a disk is left for the results of tasks that were
	// accepted before it was full, or a tenth of a small one.
	mostReserve = 128 << 20
	// spentPart is how much of the reserve is left, one part of so many, when the disk is
	// spent, and ballastPart how much as much again is held back for then.
	spentPart   = 16
	ballastPart = 8
	// lookEvery is how often it is looked at: within that time, a fast disk takes
	// less than the reserve.
	lookEvery = 200 * time.Millisecond
)

// Space watches how much is free on the disk of a data directory.
type Space struct {
	path        string
	logger      *slog.Logger
	full, spent atomic.Bool
	free        atomic.Int64
	closing     chan struct{}
	watcher     sync.WaitGroup

	mu      sync.Mutex
	holds   bool
	ballast *os.File // nil: none is held
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
	reserve := min(mostReserve, all/10)
	full := free < reserve
	spent := full && (s.spent.Load() || free < reserve/spentPart)
	if spent {
		s.Relieve() // before anybody hears of it
	} else if free > reserve+reserve/ballastPart {
		s.weigh(reserve / ballastPart)
	}
	s.spent.Store(spent)
	switch {
	case full == s.full.Swap(full):
	case full:
		s.logger.Error("the disk of the data directory is nearly full: no more tasks are accepted", "free", free, "dir", s.path)
	default:
		s.logger.Info("the disk of the data directory has room again", "free", free, "dir", s.path)
	}
}

// Hold has a part of the disk held back from now on, where the system can do so. It is
// free again when the disk is spent: so what is being written can be ended in good order
// though somebody else has filled the disk.
func (s *Space) Hold() {
	s.mu.Lock()
	s.holds = true
	s.mu.Unlock()
	s.look()
}

// weigh holds so much of the disk back, if anything is to be and isn't yet.
func (s *Space) weigh(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.holds || s.ballast != nil {
		return
	}
	var err error
	if s.ballast, err = ballast(s.path, size); err != nil {
		s.holds = false // this disk can't
		s.logger.Debug("no part of the disk can be held back", "error", err, "dir", s.path)
	}
}

// Relieve frees what is held back. It returns when that can be written to.
func (s *Space) Relieve() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ballast == nil {
		return
	}
	_ = s.ballast.Truncate(0) // closing it does that, too, but
	_ = s.ballast.Sync()      // file systems with a journal need this for it to count
	_ = s.ballast.Close()
	s.ballast = nil
}

// Full reports whether nothing more should be accepted.
func (s *Space) Full() bool { return s.full.Load() }

// Spent reports whether nothing should be written any more that others keep, too. It
// stays so until the disk isn't full any more.
func (s *Space) Spent() bool { return s.spent.Load() }

// Free returns how many bytes are free.
func (s *Space) Free() int64 { return s.free.Load() }

// Close ends the watching, and the holding back.
func (s *Space) Close() {
	close(s.closing)
	s.watcher.Wait()
	s.Relieve()
}
