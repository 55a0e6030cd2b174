package service

import (
	"errors"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// isHeld tells whether a submission is refused since another node has its id.
func (s *service) isHeld(err error) bool {
	_, held := errors.AsType[*scheduler.HeldError](err)
	return held && s.config.Nodes != nil
}

// forward takes a request of a stream on whose task another node has, or can run, or
// that depends on such a one. Unlike those that run here it has a goroutine of its own.
// It is submitted once first are known where they were sent.
func (x *session) forward(a *ask, request *wire.TaskRequest, deps []string, waits bool, first []*ask) {
	s := x.service
	own, err := s.ownRequest(request, deps)
	if err != nil {
		a.answer(s.refusal(a.id, a.sequence, err))
		return
	}
	x.mu.Lock()
	a.awaited, a.counts = leaver{}, !waits || len(first) > 0
	x.asks[a] = struct{}{}
	if a.id != "" {
		if x.away == nil {
			x.away = make(map[string]*ask)
		}
		x.away[a.id] = a
	}
	if a.counts {
		x.inFlight.Add(1)
	}
	x.mu.Unlock()
	go func() {
		for _, dep := range first {
			x.awaitAdmission(dep)
		}
		if waits && len(first) > 0 {
			x.countsNoMore(a)
		}
		answer, err := s.submitAmong(x.ctx, x.caller, own)
		if err != nil {
			answer = s.refusal(a.id, a.sequence, err)
		}
		a.answer(answer)
	}()
}

// countsNoMore is for a request that waits for others from now on.
func (x *session) countsNoMore(a *ask) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, waits := x.asks[a]; waits && a.counts {
		a.counts = false
		if x.inFlight.Add(-1) == maxInFlight-1 {
			x.changed.Broadcast()
		}
	}
}

// firstAway returns what a request depends on among those that the stream has sent to
// other nodes: it came after them, and would be refused if it was there before them.
func (x *session) firstAway(request *wire.TaskRequest) (first []*ask) {
	if len(request.Deps) == 0 || request.DependencyTimeout > 0 || x.service.config.Nodes == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.away) == 0 {
		return nil
	}
	for _, id := range request.Deps {
		if a := x.away[id]; a != nil {
			first = append(first, a)
		}
	}
	return first
}

const (
	// admissionFirst is how soon it is looked whether a node has admitted a request, and
	// admissionMost how long apart two looks are at most.
	admissionFirst = time.Millisecond
	admissionMost  = 100 * time.Millisecond
)

// awaitAdmission waits until a node has a request's task, or it is answered.
func (x *session) awaitAdmission(a *ask) {
	for wait := admissionFirst; x.ctx.Err() == nil; wait = min(2*wait, admissionMost) {
		x.mu.Lock()
		answered := a.answered
		x.mu.Unlock()
		if answered {
			return
		}
		if _, here := x.service.config.Scheduler.Sight(a.id); here {
			return
		}
		if _, found, _ := x.service.config.Nodes.Locate(x.ctx, a.id); found {
			return
		}
		if pause.For(x.ctx, wait) != nil {
			return
		}
	}
}

// ownRequest returns a request that doesn't share memory with a stream's.
func (s *service) ownRequest(request *wire.TaskRequest, deps []string) (*wire.TaskRequest, error) {
	message, err := request.Encode(deps)
	if err != nil {
		return nil, err
	}
	return wire.ParseRequest(message, s.limits)
}

// leaver is a submission whose caller leaves by the end of the stream's context.
type leaver struct{}

// Leave does nothing.
func (leaver) Leave() {}
