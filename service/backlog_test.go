package service

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// deafLink is a stream whose client sends as many requests as it may, and takes
// no answer until it hangs up.
type deafLink struct {
	first, others *wire.TaskRequest
	read          int
	answered      chan struct{} // closed once there is an answer to send
	hungUp        chan struct{}
}

func (l *deafLink) receive(r *received, idle func()) error {
	idle()
	switch l.read++; l.read {
	case 1:
		r.request = *l.first
		return nil
	case 2: // somebody else than who reads sends the first answer
		<-l.answered
	case 10_000:
		return io.EOF
	}
	r.request = *l.others // each is used up
	return nil
}

func (l *deafLink) send([]wire.TaskResponse) error {
	close(l.answered)
	<-l.hungUp
	return io.ErrClosedPipe
}

// Whoever it is that waits for a client to take answers: nothing more is read
// from it meanwhile.
func TestAStreamWhoseClientTakesNoAnswersIsNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestService(t)
		l := &deafLink{
			first:    parsed(t, &pb.TaskRequest{Method: "delete"}),
			others:   parsed(t, &pb.TaskRequest{Method: "echo_string", Args: anys(t, task.String(strings.Repeat("x", 10_000)))}),
			answered: make(chan struct{}),
			hungUp:   make(chan struct{}),
		}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error)
		go func() { served <- s.serve(ctx, "caller", l) }()
		<-l.answered
		synctest.Wait()
		if most := maxUnsent/10_000 + 3; l.read > most {
			t.Errorf("%d requests were read without an answer taken; want at most %d", l.read, most)
		}
		close(l.hungUp)
		cancel()
		if err := <-served; err == nil {
			t.Error("the stream ended well")
		}
	})
}

func parsed(t *testing.T, request *pb.TaskRequest) *wire.TaskRequest {
	t.Helper()
	r, err := wire.ParseRequest(message(t, request), wire.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
