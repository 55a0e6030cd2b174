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
	// interrupted is that there is no answer yet, and the caller's context has ended.
	interrupted bool
}

// A pendingCall is the place of one call at a time in [pendingCalls].
type pendingCall struct {
	index  uint32
	uses   uint32 // how many calls have had the place; never 0
	live   bool   // a call has it that has not been answered
	left   bool   // its caller does not wait any more
	answer chan answer
	info   CallInfo
}

// id names the call. It is never used again, so that an answer that
// comes twice or too late finds nobody.
func (s *pendingCall) id() uint64 { return uint64(s.uses)<<32 | uint64(s.index) }

// pendingCalls are the calls that the child has not answered yet.
type pendingCalls struct {
	mu     sync.Mutex
	places []*pendingCall
	unused []*pendingCall
	err    error // set once no call can be answered any more
}

// begin gives a call a place. The caller takes the answer from it and then frees it.
func (p *pendingCalls) begin(info CallInfo) (*pendingCall, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return nil, p.err
	}
	var s *pendingCall
	if n := len(p.unused); n > 0 {
		s = p.unused[n-1]
		p.unused = p.unused[:n-1]
	} else {
		s = &pendingCall{index: uint32(len(p.places)), answer: make(chan answer, 2)} // an interruption, and the answer
		p.places = append(p.places, s)
	}
	s.uses = max(s.uses+1, 1)
	s.live, s.left, s.info = true, false, info
	return s, nil
}

// free takes the place back of a call that has taken its answer, or needs none.
func (p *pendingCalls) free(s *pendingCall) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freeLocked(s)
}

func (p *pendingCalls) freeLocked(s *pendingCall) {
	s.live, s.info = false, CallInfo{}
	p.unused = append(p.unused, s)
}

// answerLocked hands a live call its only answer. Another one that the child
// might send for it finds nobody, whether the caller has taken this one or not.
func (p *pendingCalls) answerLocked(s *pendingCall, a answer) {
	s.live = false
	s.answer <- a // it has room
}

// leave tells that a call's caller does not wait any more. It returns true when
// there is an answer all the same, to be taken as usual; otherwise the place is
// free once the answer comes.
func (p *pendingCalls) leave(s *pendingCall) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.left = s.live
	return !s.live
}

// find returns the live call of that id, or nil. p.mu is held.
func (p *pendingCalls) find(id uint64) *pendingCall {
	index := uint32(id)
	if int64(index) >= int64(len(p.places)) {
		return nil
	}
	if s := p.places[index]; s.live && s.id() == id {
		return s
	}
	return nil
}

// deliver hands a call its answer. A call that is not known is ignored.
func (p *pendingCalls) deliver(id uint64, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.find(id)
	switch {
	case s == nil:
	case s.left:
		p.freeLocked(s)
	default:
		p.answerLocked(s, a)
	}
}

// Ended implements [lifetime.Follower]: it tells the caller of a call, once, that its
// context has ended. A call that is not known is ignored: it has been answered.
func (p *pendingCalls) Ended(id uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.find(id); s != nil && !s.left {
		s.answer <- answer{interrupted: true} // it has room
	}
}

// info returns what there is to a call in flight whose caller waits, or nothing.
func (p *pendingCalls) info(id uint64) CallInfo {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.find(id); s != nil && !s.left {
		return s.info
	}
	return CallInfo{}
}

// fail answers every call with err, now and from now on.
func (p *pendingCalls) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
	for _, s := range p.places {
		if s.live && !s.left {
			p.answerLocked(s, answer{err: err, exited: true})
		}
	}
}
