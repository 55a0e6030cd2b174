package loader

import (
	"sync"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// A status is what others see of a plugin. Calls wait for it to change.
type status struct {
	mu      sync.Mutex
	plugin  Plugin           // without what its instance knows
	read    file.Fingerprint // the state of the file that was loaded last, or could not be
	changed chan struct{}    // closed, and made anew, when the plugin changes
}

func newStatus(name, file string) *status {
	return &status{
		plugin:  Plugin{Name: name, File: file, State: StateLoading},
		changed: make(chan struct{}),
	}
}

func (s *status) update(change func(*Plugin)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.plugin)
	close(s.changed)
	s.changed = make(chan struct{})
}

// get returns the status, and a channel that is closed when it changes.
func (s *status) get() (Plugin, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plugin, s.changed
}

// noteRead takes in which state of the file was tried last.
func (s *status) noteRead(seen file.Fingerprint) {
	if read, _ := s.lastRead(); read != seen {
		s.update(func(*Plugin) { s.read = seen })
	}
}

// lastRead returns which state of the file was tried last, and a channel that is
// closed when that, or something else, changes.
func (s *status) lastRead() (file.Fingerprint, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read, s.changed
}

// snapshot returns what there is to know of the plugin now.
func (s *supervisor) snapshot() Plugin {
	p, _ := s.status.get()
	if i := s.current.Load(); i != nil {
		p.PID, p.Notes, p.Processes = i.child.PID(), i.child.Notes(), i.child.Processes()
		for _, process := range p.Processes {
			p.MemoryBytes += process.MemoryBytes
		}
	}
	return p
}
