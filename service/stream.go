package service

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/grpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// submitTasks answers SubmitTasks in all protocols, by Connect.
func (s *service) submitTasks(ctx context.Context, stream *connect.BidiStream[wire.TaskRequest, wire.TaskResponse]) error {
	return rpc.Error(s.ending(s.serve(ctx, callerIn(ctx), connectLink{ctx, stream})))
}

// ending is the error that a stream ends with: one that the server ended, since
// it stops, tells clients to go elsewhere.
func (s *service) ending(err error) error {
	if errors.Is(err, context.Canceled) && s.config.Scheduler.Draining() {
		return task.Errorf(task.Unavailable, "the server is draining; try another one")
	}
	return err
}

// connectLink is a stream that Connect reads and writes.
type connectLink struct {
	ctx    context.Context //nolint:containedctx // a link is one call, and this is the call's
	stream *connect.BidiStream[wire.TaskRequest, wire.TaskResponse]
}

func (l connectLink) receive(r *received, idle func()) error {
	idle() // Connect doesn't say whether it will have to wait
	request, err := l.stream.Receive()
	rpc.BodyRead(l.ctx)
	if err == nil {
		r.request, r.came = *request, time.Now()
	}
	return err
}

func (l connectLink) send(answers []wire.TaskResponse) error {
	for i := range answers {
		if err := l.stream.Send(&answers[i]); err != nil {
			return err
		}
	}
	return nil
}

// plainStream answers a plain gRPC call of SubmitTasks as plainCall does one
// of SubmitTask: any other call goes on to next.
type plainStream struct {
	service *service
	next    http.Handler
}

// ServeHTTP implements [http.Handler].
func (h *plainStream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, end, plain := grpc.Begin(r)
	if !plain {
		h.next.ServeHTTP(w, r)
		return
	}
	defer end()
	l := &grpcLink{service: h.service, w: w, body: r.Body, compress: grpc.SetHeader(w.Header(), r)}
	defer l.release()
	// An error means that the connection has no deadlines.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	grpc.SetTrailer(w.Header(), h.service.ending(h.service.serve(ctx, callerOf(r), l)))
}

// grpcLink is a stream that this package reads and writes itself: many messages
// at a time.
type grpcLink struct {
	service  *service
	w        http.ResponseWriter
	body     io.Reader
	compress bool

	in    []byte // read and not parsed, from at on
	at    int
	came  time.Time // when that was read
	held  int64     // of the budget for bodies
	ended error     // of the body
	out   []byte
}

const (
	// streamBuffer is how much of a stream is read at a time, and about how much
	// is written.
	streamBuffer = 32 << 10
	// quietBuffer is for a stream on which little comes in.
	quietBuffer = 2 << 10
)

// receive implements [link].
func (l *grpcLink) receive(r *received, idle func()) error {
	for {
		message, err := l.next()
		switch {
		case err != nil:
			return err
		case message != nil:
			r.came = l.came
			return r.parse(message, l.service.limits)
		case l.ended != nil:
			return l.end()
		}
		if idle != nil {
			idle()
			idle = nil
		}
		l.read()
	}
}

// parse reads a request, in memory that another leader doesn't go on to use.
func (r *received) parse(message []byte, limits wire.Limits) (err error) {
	if len(message) > quietBuffer { // not worth keeping room for
		var request *wire.TaskRequest
		if request, err = wire.ParseRequest(message, limits); err == nil {
			r.request = *request
		}
	} else {
		r.request, r.message = wire.TaskRequest{}, append(r.message[:0], message...)
		err = r.request.Parse(r.message, limits)
	}
	if err != nil {
		return task.Errorf(task.InvalidArgument, "unmarshal message: %w", err)
	}
	return nil
}

// next returns the next message if all of it is there; it is good until the
// next call of read.
func (l *grpcLink) next() (message []byte, err error) {
	b := l.in[l.at:]
	if len(b) < grpc.HeadBytes {
		return nil, nil
	}
	size := int(binary.BigEndian.Uint32(b[1:]))
	switch {
	case b[0] == 1:
		return nil, task.Errorf(task.Internal, "protocol error: sent compressed message without compression support")
	case b[0] != 0:
		return nil, task.Errorf(task.Internal, "protocol error: invalid envelope flags %d", b[0])
	case size > l.service.config.MaxMessageBytes:
		return nil, task.Errorf(task.ResourceExhausted, "message size %d is larger than configured max %d",
			size, l.service.config.MaxMessageBytes)
	case len(b) < grpc.HeadBytes+size:
		return nil, l.grow(grpc.HeadBytes + size)
	}
	l.at += grpc.HeadBytes + size
	return b[grpc.HeadBytes : grpc.HeadBytes+size : grpc.HeadBytes+size], nil
}

// grow makes room for a message of that size, as it comes: at most twice what
// is there, since a size is only what a client says.
func (l *grpcLink) grow(size int) error {
	if len(l.in) < cap(l.in) || l.at > 0 {
		return nil // there is room, or will be
	}
	larger := min(size, 2*cap(l.in))
	if err := l.service.config.Bodies.Take(int64(larger - cap(l.in))); err != nil {
		return err
	}
	l.held += int64(larger - cap(l.in))
	l.in = append(make([]byte, 0, larger), l.in...)
	return nil
}

// read reads what comes next, at least a byte.
func (l *grpcLink) read() {
	rest := l.in[l.at:]
	switch {
	case len(rest) == 0 && cap(l.in) > streamBuffer: // a large message is over
		l.release()
		l.in = make([]byte, 0, streamBuffer)
	case l.in == nil:
		l.in = make([]byte, 0, quietBuffer)
	case len(l.in) == cap(l.in) && cap(l.in) == quietBuffer: // there was more
		l.in = append(make([]byte, 0, streamBuffer), rest...)
	default:
		l.in = l.in[:copy(l.in, rest)]
	}
	l.at = 0
	n, err := l.body.Read(l.in[len(l.in):cap(l.in)])
	l.came = time.Now()
	l.in = l.in[:len(l.in)+n]
	l.ended = err
}

// end is the error after the last whole message.
func (l *grpcLink) end() error {
	if l.ended == io.EOF && l.at < len(l.in) { //nolint:errorlint // a reader returns io.EOF itself
		return task.Errorf(task.InvalidArgument, "protocol error: incomplete envelope: %v", io.ErrUnexpectedEOF)
	}
	return l.ended
}

func (l *grpcLink) release() {
	l.service.config.Bodies.GiveBack(l.held)
	l.held = 0
}

// send implements [link].
func (l *grpcLink) send(answers []wire.TaskResponse) error {
	for i := range answers {
		if err := l.append(&answers[i]); err != nil {
			return err
		}
		if len(l.out) >= streamBuffer {
			if err := l.write(); err != nil {
				return err
			}
		}
	}
	if err := l.write(); err != nil {
		return err
	}
	return http.NewResponseController(l.w).Flush()
}

func (l *grpcLink) append(answer *wire.TaskResponse) error {
	out, err := grpc.AppendMessage(l.out, answer, l.compress)
	if err == nil {
		l.out = out
	}
	return err
}

func (l *grpcLink) write() error {
	_, err := l.w.Write(l.out)
	if cap(l.out) > 4*streamBuffer {
		l.out = nil
	}
	l.out = l.out[:0]
	return err
}
