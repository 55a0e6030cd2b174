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
	buffer := messageBuffers.Get().(*[]byte) //nolint:forcetypeassert // the pool has nothing else
	defer messageBuffers.Put(buffer)
	message, short := grpc.ReadShort(r, (*buffer)[:0])
	if !short {
		h.next.ServeHTTP(w, r)
		return
	}
	response, err := h.submit(ctx, callerOf(r), message)
	if err == nil {
		size := response.Size()
		if err = h.service.config.Bodies.TakeAnswer(size); err == nil {
			defer h.service.config.Bodies.AnswerGone(size)
			rpc.PaceAnswer(w, size)
		}
	}
	header := w.Header()
	header["Content-Length"] = nil // which keeps net/http from adding one, as a flush does for Connect
	compress := grpc.SetHeader(header, r)
	if err == nil {
		err = write(w, response, compress, buffer)
	}
	grpc.SetTrailer(header, err)
}

// messageBuffers are for a call's message and then for its answer.
var messageBuffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, 4096)
	return &buffer
}}

// write writes an answer, which it puts together in buffer.
func write(w http.ResponseWriter, response *wire.TaskResponse, compress bool, buffer *[]byte) error {
	b, err := grpc.AppendMessage((*buffer)[:0], response, compress)
	if err != nil {
		return err
	}
	if cap(b) <= grpc.MaxShort {
		*buffer = b
	}
	_, _ = w.Write(b) //nolint:gosec // a gRPC message, no page; an error means that the client is gone
	return nil
}

// submit is the call itself. As with Connect's handler, a panic in it is an error
// to the client, with the details in the log.
func (h *plainCall) submit(ctx context.Context, caller string, message []byte) (response *wire.TaskResponse, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = rpc.Recovered(ctx, h.service.config.Logger, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, p)
		}
	}()
	if err := ctx.Err(); err != nil { // the deadline came with the call
		return nil, err
	}
	request, err := wire.ParseRequest(message, h.service.limits)
	if err != nil {
		return nil, task.Errorf(task.InvalidArgument, "unmarshal message: %w", err)
	}
	return h.service.submit(ctx, caller, request)
}
