package service

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// eagerLink is a stream whose client sends the same request as often as it may.
type eagerLink struct {
	message []byte
	read    int
}

func (l *eagerLink) receive(r *received, idle func()) error {
	idle()
	if l.read++; l.read > 5*maxInFlight {
		return io.EOF
	}
	return r.parse(l.message, wire.Limits{Dependencies: 1})
}

func (*eagerLink) send([]wire.TaskResponse) error { return nil }

// Who asks for a task that is there takes no room in the scheduler, so it
// counts on the stream, whatever it names as dependencies.
func TestAStreamJoinsOnlySoManyTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newTestService(t)
		waits := scheduler.Request{ID: "a", Method: "ping", Deps: []string{"ghost"}, DependencyTimeout: time.Hour, Detached: true}
		if _, err := s.config.Scheduler.Submit(t.Context(), waits); err != nil {
			t.Fatal(err)
		}
		request := &pb.TaskRequest{TaskId: "a", Method: "ping", Deps: []string{"ghost"}, DependencyTimeoutMs: 3600_000}
		l := &eagerLink{message: message(t, request)}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- s.serve(ctx, "", l) }()
		synctest.Wait()
		if l.read != maxInFlight {
			t.Errorf("%d requests were read, want %d", l.read, maxInFlight)
		}
		cancel()
		if err := <-ended; err == nil {
			t.Error("the stream ended well")
		}
		if _, err := s.config.Scheduler.Cancel(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	})
}
