package child

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
	"github.com/taskscheduler/taskscheduler/internal/throttle"
	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

const (
	// pipeLimit is how many bytes may wait for the pipe before answers wait.
	pipeLimit = 256 << 10
	// linesPerSecond is how much of what a library logs gets to the server, and to
	// those who watch its tasks; the server's log gets less.
	linesPerSecond = 2000
	// reportsPerSecond is how many of its reports do.
	reportsPerSecond = 2000
)

// A server has a library answer the parent's calls.
type server struct {
	options Options
	notes   []string
	writer  *coalesce.Writer
	library library.Library
	tasks   []library.TaskInfo

	lines   *throttle.Throttle
	reports *throttle.Throttle
}

func newServer(o Options, out *os.File) *server {
	widenPipe(out)
	return &server{
		options: o, writer: coalesce.NewPipeWriter(out, pipeLimit),
		lines: throttle.New(linesPerSecond), reports: throttle.New(reportsPerSecond),
	}
}

// run loads the file and serves until the parent closes the pipe.
func (s *server) run(in *os.File, open library.Open) error {
	opened, refusal := s.open(open)
	if refusal != nil {
		s.send(frame.OfRefusal(refusal.Error()))
		<-s.writer.Idle()
		return nil // the parent has been told
	}
	s.library = opened
	description := opened.Describe()
	s.tasks = description.Tasks
	s.send(frame.OfGreeting(frame.Greeting{Description: description, Notes: s.notes}))

	err := s.serve(frame.NewReader(in, s.options.MaxFrameBytes))
	// The parent has closed the pipe, or is gone. Nobody else ends us if the
	// library does not let go.
	time.AfterFunc(s.options.CloseGrace, func() { syscall.Exit(1) })
	opened.Close()
	<-s.writer.Idle()
	return err
}

// open loads the file, unless the process is too little confined for that.
func (s *server) open(open library.Open) (library.Library, error) {
	if s.options.RequireConfinement && len(s.notes) > 0 {
		return nil, fmt.Errorf("its process would lack protections, and Config.RequireConfinement allows none to be missing: %s",
			strings.Join(s.notes, "; "))
	}
	return open(s.options.Path, s)
}

// send writes a frame. When that fails the parent is gone, and so are we soon.
func (s *server) send(b []byte) { _, _ = s.writer.Add(b, nil) }

// hold is send for what the leader sends with what comes next, see [lead].
func (s *server) hold(b []byte) { _, _ = s.writer.Hold(b, nil) }

// receive does what a frame asks for that is no call.
func (s *server) receive(f frame.Frame) error {
	id, err := frame.ParseID(f.Body)
	switch {
	case err != nil:
		return err
	case f.Kind == frame.Cancel:
		s.cancel(id, time.Millisecond)
	case f.Kind == frame.Ping:
		s.send(frame.OfID(frame.Pong, id))
	default:
		return fmt.Errorf("a frame of kind %d is not for a child", f.Kind)
	}
	return nil
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
	allowed, dropped := s.lines.Admit(1)
	if dropped > 0 {
		s.send(frame.OfLine(frame.Line{Call: call, Level: slog.LevelWarn, Text: fmt.Sprintf("%d lines were left out", dropped)}))
	}
	if allowed {
		s.send(frame.OfLine(frame.Line{Call: call, Level: level, Text: text}))
	}
}

// Progress tells how far a call is. Of very many reports some are left out.
func (s *server) Progress(call uint64, fraction float64, note string) {
	if allowed, _ := s.reports.Admit(1); allowed {
		s.send(frame.OfReport(frame.Report{Call: call, Fraction: fraction, Note: note}))
	}
}
