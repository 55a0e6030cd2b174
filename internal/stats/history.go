// Package stats knows what a server has been doing: the executions that
// ended lately, statistics of each method since the start, and a feed of events
// for those who watch. Everything in it is bounded.
//
// The hot path is [History.Ended], once for each task. Those who read take its
// lock for a few microseconds at a time, however much they read.
package stats

import (
	"math"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// maxMessage is how many bytes of an error message are kept.
	maxMessage = 2048
	// maxMethods bounds the methods that have statistics of their own.
	maxMethods = 10_000
	// Others is the name under which methods beyond that are counted together.
	// No task can be called so.
	Others = "(others)"
	// chunk is how much is copied with the lock held.
	chunk = 64
)

// A History keeps the executions that ended last, and statistics of each
// method. All methods are safe for concurrent use.
type History struct {
	feed *Feed

	mu      sync.Mutex
	ended   ring // the last of all
	failed  ring // the last that failed, which successes don't push out
	byName  map[string]*Method
	ordered []*Method // those of byName; only ever appended to
}

// NewHistory returns a history that keeps this many executions, and this many
// that failed, one or more of each; fewer if their strings and labels take more
// than 2.5 KiB on average. Each execution goes to feed too.
func NewHistory(executions, failures int, feed *Feed) *History {
	return &History{
		feed:   feed,
		ended:  newRing(executions),
		failed: newRing(failures),
		byName: make(map[string]*Method),
	}
}

// Ended adds an execution that has ended. It is quick and never waits for long,
// as [scheduler.Config] wants it.
func (h *History) Ended(x scheduler.Execution) {
	if len(x.Message) > maxMessage {
		x.Message = shorten(x.Message, maxMessage)
	}
	h.mu.Lock()
	e := entry{h.ended.next, x}
	h.ended.put(e)
	if x.State == scheduler.Failed {
		h.failed.put(e)
	}
	h.methodLocked(x.Task.Name).add(&x)
	h.mu.Unlock()
	if h.feed.watched() {
		h.feed.Publish(Event{Time: x.Ended, Kind: TaskEnded, Execution: x})
	}
}

// shorten returns a message, or as much of it as may be, in memory of its own.
func shorten(message string, most int) string {
	cut := min(most, len(message))
	for cut > 0 && cut < len(message) && !utf8.RuneStart(message[cut]) {
		cut--
	}
	return strings.Clone(message[:cut])
}

func (h *History) methodLocked(name string) *Method {
	m := h.byName[name]
	if m != nil {
		return m
	}
	if len(h.byName) >= maxMethods {
		name = Others
		if m = h.byName[name]; m != nil {
			return m
		}
	}
	m = &Method{Name: name}
	h.byName[name] = m
	h.ordered = append(h.ordered, m)
	return m
}

// Recent returns the executions that ended last, the latest first, and after
// them older ones that failed. Those that end meanwhile may be missing.
func (h *History) Recent() []scheduler.Execution {
	ended := h.read(&h.ended)
	oldest := uint64(math.MaxUint64)
	if len(ended) > 0 {
		oldest = ended[len(ended)-1].number
	}
	list := make([]scheduler.Execution, 0, len(ended))
	for i := range ended {
		list = append(list, ended[i].execution)
	}
	for _, e := range h.read(&h.failed) {
		if e.number < oldest {
			list = append(list, e.execution)
		}
	}
	return list
}

// read returns what is in a ring, the latest first.
func (h *History) read(r *ring) []entry {
	h.mu.Lock()
	end := r.next
	h.mu.Unlock()
	list := make([]entry, 0, min(end, r.size))
	for end > 0 {
		h.mu.Lock()
		list, end = r.appendBefore(list, end, chunk)
		h.mu.Unlock()
	}
	return list
}

// Methods returns the statistics of every method that has been run, in no
// order.
func (h *History) Methods() []Method {
	h.mu.Lock()
	all := h.ordered
	h.mu.Unlock()
	list := make([]Method, 0, len(all))
	for len(all) > 0 {
		n := min(len(all), chunk)
		h.mu.Lock()
		for _, m := range all[:n] {
			list = append(list, *m)
		}
		h.mu.Unlock()
		all = all[n:]
	}
	return list
}
