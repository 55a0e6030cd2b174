package stats

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// maxMessage is how many bytes of an error message are kept.
	maxMessage = 2048
	// maxMethods bounds the methods that have figures of their own.
	maxMethods = 10_000
	// Others is the name under which methods beyond that are counted together.
	// No task can be called so.
	Others = "(others)"
	// chunk is how much is copied with the lock held.
	chunk = 64
)

// A Recorder keeps the executions that ended last and counts by method. All
// methods are safe for concurrent use.
type Recorder struct {
	feed *Feed

	mu      sync.Mutex
	ring    []scheduler.Execution // entry i is at i modulo the length
	next    uint64                // the entry to come, which is how many there were
	byName  map[string]*figures
	ordered []*figures // those of byName; only ever appended to
}

// NewRecorder returns a recorder that keeps this many executions, one or more.
// An entry is some 200 bytes with its strings, 3 KiB at most. Each execution
// goes to feed too.
func NewRecorder(keep int, feed *Feed) *Recorder {
	return &Recorder{feed: feed, ring: make([]scheduler.Execution, keep), byName: make(map[string]*figures)}
}

// Ended records an execution that has ended. It is quick and never waits for
// long, as [scheduler.Config] wants it.
func (r *Recorder) Ended(x scheduler.Execution) {
	if len(x.Message) > maxMessage {
		x.Message = shorten(x.Message)
	}
	r.mu.Lock()
	r.ring[r.next%uint64(len(r.ring))] = x
	r.next++
	r.figuresLocked(x.Task.Name).add(&x)
	r.mu.Unlock()
	if r.feed.watched() {
		r.feed.Publish(Event{Time: x.Ended, Kind: TaskEnded, Execution: x})
	}
}

// shorten returns the beginning of a message, in memory of its own.
func shorten(message string) string {
	cut := maxMessage
	for cut > 0 && !utf8.RuneStart(message[cut]) {
		cut--
	}
	return strings.Clone(message[:cut])
}

func (r *Recorder) figuresLocked(name string) *figures {
	f := r.byName[name]
	if f != nil {
		return f
	}
	if len(r.byName) >= maxMethods {
		name = Others
		if f = r.byName[name]; f != nil {
			return f
		}
	}
	f = &figures{Figures: Figures{Method: name}}
	r.byName[name] = f
	r.ordered = append(r.ordered, f)
	return f
}

// Recent returns the executions that ended last, the latest first. Those that
// end meanwhile may be missing.
func (r *Recorder) Recent() []scheduler.Execution {
	r.mu.Lock()
	end := r.next
	r.mu.Unlock()
	list := make([]scheduler.Execution, 0, min(end, uint64(len(r.ring))))
	for end > 0 && uint64(len(list)) < uint64(cap(list)) {
		before := len(list)
		list = r.appendBefore(list, end)
		if len(list) == before {
			break // the rest has been overwritten
		}
		end -= uint64(len(list) - before)
	}
	return list
}

// appendBefore appends up to chunk entries before end, going backwards.
func (r *Recorder) appendBefore(list []scheduler.Execution, end uint64) []scheduler.Execution {
	size := uint64(len(r.ring))
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := r.next - min(r.next, size)
	for range chunk {
		if end <= oldest {
			break
		}
		end--
		list = append(list, r.ring[end%size])
	}
	return list
}

// Figures returns the figures of every method that has been run, in no order.
func (r *Recorder) Figures() []Figures {
	r.mu.Lock()
	all := r.ordered
	r.mu.Unlock()
	list := make([]Figures, 0, len(all))
	for len(all) > 0 {
		n := min(len(all), chunk)
		r.mu.Lock()
		for _, f := range all[:n] {
			list = append(list, f.Figures)
		}
		r.mu.Unlock()
		all = all[n:]
	}
	return list
}
