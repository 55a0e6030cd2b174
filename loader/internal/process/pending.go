package process

import (
	"sync"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// An answer is how a call ends on this side.
type answer struct {
	status library.Status
	value  task.Value
	err    error // when the library did not answer, or nothing that makes sense
	exited bool  // err is that the process has ended
}

// A slot is the place of one call at a time in the table of calls in flight.
type slot struct {
	index  uint32
	uses   uint32 // how many calls have had the slot; never 0
	live   bool   // a call has it that has not been answered
	left   bool   // its caller does not wait any more
	answer chan answer
	taskID string
}

// id names the slot's call. It is never used again, so that an answer that
// comes twice or too late finds nobody.
func (s *slot) id() uint64 { return uint64(s.uses)<<32 | uint64(s.index) }

// A pending is the table of calls in flight.
type pending struct {
	mu    sync.Mutex
	slots []*slot
	free  []*slot
	err   error // set once no call can be answered any more
}

// begin gives a call a slot. The caller takes the answer from it and then ends it.
func (p *pending) begin(taskID string) (*slot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	var s *slot
	if n := len(p.free); n > 0 {
		s = p.free[n-1]
		p.free = p.free[:n-1]
	} else {
		s = &slot{index: uint32(len(p.slots)), answer: make(chan answer, 1)}
		p.slots = append(p.slots, s)
	}
	s.uses = max(s.uses+1, 1)
	s.live, s.left, s.taskID = true, false, taskID
	return s, nil
}

// end makes the slot of a call that has taken its answer, or needs none, free.
func (p *pending) end(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLocked(s)
}

func (p *pending) endLocked(s *slot) {
	s.live = false
	p.free = append(p.free, s)
}

// answerLocked hands a live slot its only answer. Another one that the child
// might send for it finds nobody, whether the caller has taken this one or not.
func (p *pending) answerLocked(s *slot, a answer) {
	s.live = false
	s.answer <- a // it has room for one
}

// leave tells that a call's caller does not wait any more. It returns true when
// there is an answer all the same, to be taken as usual; otherwise the slot is
// free once the answer comes.
func (p *pending) leave(s *slot) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.left = s.live
	return !s.live
}

// find returns the live slot of that id, or nil. p.mu is held.
func (p *pending) find(id uint64) *slot {
	index := uint32(id)
	if int64(index) >= int64(len(p.slots)) {
		return nil
	}
	if s := p.slots[index]; s.live && s.id() == id {
		return s
	}
	return nil
}

// deliver hands a call its answer. A call that is not known is ignored.
func (p *pending) deliver(id uint64, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.find(id)
	switch {
	case s == nil:
	case s.left:
		p.endLocked(s)
	default:
		p.answerLocked(s, a)
	}
}

// taskID returns the task id of a call in flight, or "".
func (p *pending) taskID(id uint64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.find(id); s != nil {
		return s.taskID
	}
	return ""
}

// fail answers every call with err, now and from now on.
func (p *pending) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	for _, s := range p.slots {
		if s.live && !s.left {
			p.answerLocked(s, answer{err: err, exited: true})
		}
	}
}
