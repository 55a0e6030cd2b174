package service

import (
	"context"
	"net/http"
	"sync"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/grpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// plainCall answers a plain gRPC call of SubmitTask itself, since Connect's
// generality costs as much as the rest of such a call. Any other call goes on to
// next, which is Connect's handler: it stays the one place that says what is wrong
// with a call.
type plainCall struct {
	service *service
	next    http.Handler
}

// ServeHTTP implements [http.Handler].
func (h *plainCall) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, end, plain := grpc.Begin(r)
	if !plain {
		h.next.ServeHTTP(w, r)
		return
	}
	defer end()
	state := plainStates.Get().(*plainState) //nolint:forcetypeassert // the pool has nothing else
	defer state.free()
	message, short := grpc.ReadShort(r, state.buffer[:0])
	if !short {
		h.next.ServeHTTP(w, r)
		return
	}
	err := h.service.submitPlain(ctx, callerOf(r), message, state)
	if err == nil {
		size := state.response.Size()
		if err = h.service.config.Bodies.TakeAnswer(size); err == nil {
			defer h.service.config.Bodies.AnswerGone(size)
			rpc.PaceAnswer(w, size)
		}
	}
	header := w.Header()
	header["Content-Length"] = nil // which keeps net/http from adding one, as a flush does for Connect
	compress := grpc.SetHeader(header, r)
	if err == nil {
		err = state.write(w, compress)
	}
	grpc.SetTrailer(header, err)
}

// plainState is what a call needs and the next one can have.
type plainState struct {
	buffer   []byte // for the call's message and then for its answer
	request  wire.TaskRequest
	response wire.TaskResponse
}

var plainStates = sync.Pool{New: func() any { return &plainState{buffer: make([]byte, 0, 4096)} }}

func (s *plainState) free() {
	s.request, s.response = wire.TaskRequest{}, wire.TaskResponse{}
	plainStates.Put(s)
}

// write writes the answer.
func (s *plainState) write(w http.ResponseWriter, compress bool) error {
	b, err := grpc.AppendMessage(s.buffer[:0], &s.response, compress)
	if err != nil {
		return err
	}
	if cap(b) <= grpc.MaxShort {
		s.buffer = b
	}
	_, _ = w.Write(b) //nolint:gosec // a gRPC message, no page; an error means that the client is gone
	return nil
}

// submitPlain is the call itself. As with Connect's handler, a panic in it is an error
// to the client, with the details in the log.
func (s *service) submitPlain(ctx context.Context, caller string, message []byte, state *plainState) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = rpc.Recovered(ctx, s.config.Logger, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, p)
		}
	}()
	if err := ctx.Err(); err != nil { // the deadline came with the call
		return err
	}
	if err := state.request.Parse(message, s.limits); err != nil {
		return task.Errorf(task.InvalidArgument, "unmarshal message: %w", err)
	}
	state.response, err = s.submit(ctx, caller, &state.request)
	return err
}
