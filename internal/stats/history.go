// Package stats knows what a server has been doing: the executions that
// ended lately, statistics of each method since the start, and a feed of events
// for those who watch. Everything in it is bounded.
//
// The hot path is [History.Ended], once for each task. Those who read take its
// locks for a few microseconds at a time, however much they read.
package stats

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// maxMessage is how many bytes of an error message are kept.
	maxMessage = 2048
	// chunk is how much is looked at with a lock held.
	chunk = 64
	// parts is how many parts a history has that is large enough, so that those
	// who end tasks on many cores do not meet at one lock.
	parts = 8
)

// A History keeps the executions that ended last, and statistics of each
// method. All methods are safe for concurrent use.
type History struct {
	feed    *Feed
	ended   []part // the last of all: they take turns, so each has an equal share of those
	failed  part   // the last that failed, which successes don't push out
	methods methods

	_      [cacheLine]byte
	number atomic.Uint64 // of executions that have ended
	_      [cacheLine]byte
}

// cacheLine is what cores pass to one another as a whole, twice: they fetch
// neighbours together.
const cacheLine = 128

// part is a ring and its lock.
type part struct {
	mu   sync.Mutex
	ring ring
	_    [cacheLine]byte
}

func (p *part) put(e *entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ring.put(e)
}

// NewHistory returns a history that keeps this many executions, and this many
// that failed, one or more of each; fewer if their strings and labels take more
// than 2.5 KiB on average. Each execution goes to feed too.
func NewHistory(executions, failures int, feed *Feed) *History {
	h := &History{feed: feed, ended: make([]part, 1)}
	if executions%parts == 0 && executions/parts > chunk {
		h.ended = make([]part, parts)
	}
	for i := range h.ended {
		h.ended[i].ring = newRing(executions / len(h.ended))
	}
	h.failed.ring = newRing(failures)
	return h
}

// Ended adds an execution that has ended. It is quick and never waits for long,
// as [scheduler.Config] wants it.
func (h *History) Ended(x scheduler.Execution) {
	if len(x.Message) > maxMessage {
		x.Message = shorten(x.Message, maxMessage)
	}
	e := entry{number: h.number.Add(1), execution: x}
	h.ended[e.number%uint64(len(h.ended))].put(&e)
	if x.State == scheduler.Failed {
		h.failed.put(&e)
	}
	h.methods.add(&x)
	if h.feed.watched() {
		h.feed.Publish(Event{Time: x.Ended, Kind: TaskEnded, Execution: x})
	}
}

// shorten returns a message, or as much of it as may be, in memory of its own.
func shorten(message string, most int) string {
	return strings.Clone(clip.Text(message, most))
}

// EachEnded calls visit with the executions that ended last, and with older ones that
// failed, in no order, some of them twice. Those that end meanwhile may be missing.
// visit must be quick: tasks wait when they end. It may copy what it is given, but not
// keep it.
func (h *History) EachEnded(visit func(*scheduler.Execution)) {
	for i := range h.ended {
		h.ended[i].each(func(e *entry) { visit(&e.execution) })
	}
	h.failed.each(func(e *entry) { visit(&e.execution) })
}

// each calls visit with what is in the ring, the latest first.
func (p *part) each(visit func(*entry)) {
	p.mu.Lock()
	end := p.ring.next
	p.mu.Unlock()
	for end > 0 {
		p.mu.Lock()
		end = p.ring.visitBefore(end, chunk, visit)
		p.mu.Unlock()
	}
}

// Each calls visit with the statistics of every method that has been run. It must be
// quick: the method's tasks wait when they end. What it is given is not its own.
func (h *History) Each(visit func(*Method)) { h.methods.each(visit) }

// Methods returns the statistics of every method that has been run, in no
// order.
func (h *History) Methods() []Method { return h.methods.all() }
