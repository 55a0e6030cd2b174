package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A server is the child's end: it has a library answer the parent's calls.
type server struct {
	options options
	notes   []string
	writer  *coalesce.Writer
	library library.Library
	tasks   int // how many the library has

	logged   limiter
	reported limiter
}

func newServer(o options, out *os.File) *server {
	widenPipe(out)
	const reportsPerSecond = 10_000
	return &server{
		options: o, writer: coalesce.NewPipeWriter(out, pipeLimit),
		logged: limiter{most: linesPerSecond}, reported: limiter{most: reportsPerSecond},
	}
}

// run loads the file and serves until the parent closes the pipe.
func (s *server) run(in *os.File, open library.Open) error {
	widenPipe(in)
	opened, refusal := open(s.options.Path, s)
	if refusal != nil {
		s.send(endFrame(append(beginFrame(nil, frameRefusal), clean([]byte(refusal.Error()))...)))
		<-s.writer.Idle()
		return nil //nolint:nilerr // the parent has been told
	}
	s.library = opened
	description := opened.Describe()
	s.tasks = len(description.Tasks)
	s.send(helloFrame(table{Description: description, notes: s.notes}))

	err := s.serve(newFrameReader(in, s.options.MaxFrameBytes))
	// The parent has closed the pipe, or is gone. Nobody else ends us if the
	// library does not let go.
	time.AfterFunc(s.options.CloseGrace, func() { syscall.Exit(1) })
	opened.Close()
	<-s.writer.Idle()
	return err
}

// send writes a frame. When that fails the parent is gone, and so are we soon.
func (s *server) send(frame []byte) { _, _ = s.writer.Add(frame, nil) }

func (s *server) serve(reader *frameReader) error {
	for {
		kind, body, own, err := reader.next()
		if err == nil {
			err = s.receive(kind, body, own)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("what the server sends: %w", err)
		}
	}
}

// receive does what a frame asks for.
func (s *server) receive(kind frameKind, body []byte, own bool) error {
	if kind == frameCall {
		if !own {
			body = slices.Clone(body)
		}
		return s.start(body)
	}
	in := parser{b: body}
	id := in.fixed64()
	if err := in.end(); err != nil {
		return err
	}
	switch kind {
	case frameCancel:
		s.cancel(id, time.Millisecond)
	case framePing:
		s.send(idFrame(framePong, id))
	default:
		return fmt.Errorf("a frame of kind %d is not for a child", kind)
	}
	return nil
}

// A running is a call that the library has not answered yet.
type running struct {
	library.Call

	server   *server
	answered atomic.Bool
}

func (s *server) start(body []byte) error {
	r := &running{server: s}
	if err := parseCall(body, s.options.MaxFrameBytes, &r.Call); err != nil {
		return fmt.Errorf("a call makes no sense: %w", err)
	}
	if r.Task >= s.tasks || r.ID == 0 {
		return fmt.Errorf("a call of task %d with id %d, of %d tasks", r.Task, r.ID, s.tasks)
	}
	go r.run()
	return nil
}

// run makes the call. That a library's own Go code panics must not end the
// other calls.
func (r *running) run() {
	defer func() {
		if reason := recover(); reason != nil {
			r.done(library.Failed, task.String(fmt.Sprintf("the task panicked: %v", reason)))
		}
	}()
	r.server.library.Call(&r.Call, r.done)
}

// done answers the call, the first time that it is called.
func (r *running) done(status library.Status, value task.Value) {
	if r.answered.Swap(true) {
		return
	}
	if status < library.OK || status > library.BadArguments {
		status, value = library.Failed, task.String(fmt.Sprintf("the task returned %d, which is no status", status))
	}
	limit := r.server.options.MaxFrameBytes
	buffer := frameBuffers.Get().(*[]byte) //nolint:forcetypeassert // there is nothing else in it
	defer keep(buffer)
	var err error
	if *buffer, err = appendAnswer((*buffer)[:0], limit, r.ID, status, value); err != nil {
		what := task.String(fmt.Sprintf("the task's result can't be sent: %v", err))
		*buffer, _ = appendAnswer((*buffer)[:0], limit, r.ID, library.Failed, what) // it is short
	}
	r.server.send(*buffer)
}

// cancel tells the library that a call is to end, and tells it again: the first
// time the call may not have got to it yet. It ignores what it need not know.
func (s *server) cancel(id uint64, again time.Duration) {
	const last = time.Second
	s.library.Cancel(id)
	if again <= last {
		time.AfterFunc(again, func() { s.cancel(id, 10*again) })
	}
}

// Log writes a line to the server's log. Of very many lines some are left out.
func (s *server) Log(call uint64, level slog.Level, text string) {
	allowed, dropped := s.logged.admit(1)
	if dropped > 0 {
		s.log(0, slog.LevelWarn, fmt.Sprintf("%d lines were left out", dropped))
	}
	if allowed {
		s.log(call, level, text)
	}
}

func (s *server) log(call uint64, level slog.Level, text string) {
	b := binary.LittleEndian.AppendUint64(beginFrame(nil, frameLog), call)
	b = binary.AppendVarint(b, int64(level))
	s.send(endFrame(append(b, clean([]byte(text[:min(len(text), maxText)]))...)))
}

// Progress tells how far a call is. Of very many reports some are left out.
func (s *server) Progress(call uint64, fraction float64, note string) {
	if allowed, _ := s.reported.admit(1); !allowed {
		return
	}
	b := binary.LittleEndian.AppendUint64(beginFrame(nil, frameProgress), call)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(fraction))
	s.send(endFrame(append(b, clean([]byte(note[:min(len(note), maxText)]))...)))
}
