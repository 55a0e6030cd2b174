package service

import (
	"context"
	"net/http"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/http2"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/service/internal/grpc"
)

// withShortcut answers all rpcs. For plain gRPC calls of SubmitTask it has a shortcut
// that our own HTTP/2 knows; it does what plainCall does.
type withShortcut struct {
	http.Handler

	service *service
}

// Route implements [http2.Shortcut].
func (h *withShortcut) Route(r *http.Request) *http2.Route {
	if r.URL.Path != taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure {
		return nil
	}
	call, plain := grpc.Plain(r)
	if !plain {
		return nil
	}
	way := &shortWay{service: h.service, call: call, caller: callerOf(r)}
	return &http2.Route{Header: call.Header(), Trailer: grpc.Succeeded, Answer: way.answer}
}

// shortWay answers calls with the same header.
type shortWay struct {
	service *service
	call    grpc.Call
	caller  string
}

func (s *shortWay) answer(parent context.Context, body []byte, a *http2.Answer) bool {
	message, plain := grpc.Message(body)
	if !plain {
		return false
	}
	ctx, end := s.call.Context(parent)
	defer end()
	state := plainStates.Get().(*plainState) //nolint:forcetypeassert // the pool has nothing else
	defer state.free()
	err := s.service.submitPlain(ctx, s.caller, message, state)
	if err == nil {
		err = s.take(state.response.Size(), a)
	}
	if err == nil {
		a.Body, err = grpc.AppendMessage(a.Body, &state.response, s.call.Compress())
	}
	if err != nil {
		a.Body, a.Trailer = a.Body[:0], grpc.Failed(err)
	}
	return true
}

// take takes room for an answer of that size.
func (s *shortWay) take(size int, a *http2.Answer) error {
	bodies := s.service.config.Bodies
	due, large := rpc.TakeBy(size)
	if !large {
		return nil
	}
	if err := bodies.TakeAnswer(size); err != nil {
		return err
	}
	a.TakeBy, a.Gone = due, func() { bodies.AnswerGone(size) }
	return nil
}
