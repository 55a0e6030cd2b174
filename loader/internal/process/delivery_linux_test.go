package process_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestCallsThatNeverArrivedSaySo(t *testing.T) {
	p := start(t, process.Config{CancelGrace: time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() {
		_, err := call(ctx, p, "die", task.String("stop"))
		stopped <- err
	}()
	awaitStop(t, p.PID())
	cancel()
	if err := <-stopped; !errors.Is(err, context.Canceled) {
		t.Fatalf("a stopped process answers: %v", err)
	}
	// Far more than the pipe and the child's buffers hold.
	large := task.Bytes(make([]byte, 1<<20))
	var delivered, not, calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			_, err := call(t.Context(), p, "echo", large)
			switch {
			case errors.Is(err, process.ErrNotDelivered):
				wantError(t, err, task.Unavailable, "the server asked for it")
				not.Go(func() {})
			default:
				wantError(t, err, task.Internal, "the server asked for it")
				delivered.Go(func() {})
			}
		})
	}
	// A caller does not wait longer than its context and the grace.
	for range 3 {
		if _, err := call(timeout(t, 20*time.Millisecond), p, "echo", large); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	}
	p.Kill(errKilled)
	calls.Wait()
	_ = awaitExit(t, p)
}

// awaitStop returns when SIGSTOP has stopped a child.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == nil {
			return
		}
		if !errors.Is(err, unix.EINTR) {
			t.Fatal(err)
		}
	}
}
