package service

import (
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// isHeld tells whether a submission is refused since another node has its id.
func (s *service) isHeld(err error) bool {
	_, held := errors.AsType[*scheduler.HeldError](err)
	return held && s.config.Nodes != nil
}

// forward takes a request of a stream on whose task another node has, or can run.
// Unlike those that run here it has a goroutine of its own.
func (x *session) forward(a *ask, request *wire.TaskRequest, deps []string, waits bool) {
	s := x.service
	own, err := s.ownRequest(request, deps)
	if err != nil {
		a.answer(s.refusal(a.id, a.sequence, err))
		return
	}
	x.mu.Lock()
	a.awaited = leaver{}
	x.asks[a] = struct{}{}
	if !waits {
		a.counts = true
		x.inFlight.Add(1)
	}
	x.mu.Unlock()
	go func() {
		answer, err := s.submitAmong(x.ctx, x.caller, own)
		if err != nil {
			answer = s.refusal(a.id, a.sequence, err)
		}
		a.answer(answer)
	}()
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
