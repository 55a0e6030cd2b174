package process_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestCrashFailsItsCallsWithTheCause(t *testing.T) {
	t.Parallel()
	causes := map[string]string{
		"exit": "the process exited with code 3", "go panic": "the process exited with code 2",
		"segv": "the process died of SIGSEGV", "abort": "the process died of SIGABRT",
		"go segv": "the process died of SIGSEGV", "close pipes": "the process was killed: it closed its pipe",
	}
	if runtime.GOOS == "windows" {
		causes = map[string]string{"exit": "the process exited with code 3"}
	}
	for how, cause := range causes {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			began := make(chan string, 10)
			p := start(t, process.Config{})
			var neighbours sync.WaitGroup
			for range 5 {
				neighbours.Go(func() {
					_, err := call(telling(t.Context(), began), p, "wait")
					wantError(t, err, task.Internal, "plugin fake: "+cause)
				})
				<-began
			}
			_, err := call(t.Context(), p, "die", task.String(how))
			wantError(t, err, task.Internal, "plugin fake: "+cause)
			neighbours.Wait()
			if err := awaitExit(t, p); err == nil || !strings.HasPrefix(err.Error(), cause) {
				t.Errorf("exit: %v", err)
			}
			if p.Memory() != 0 {
				t.Errorf("a process that is gone has %d bytes of memory", p.Memory())
			}
			_, err = call(t.Context(), p, "echo", task.Null())
			wantError(t, err, task.Unavailable, cause)
			if !errors.Is(err, process.ErrNotDelivered) {
				t.Errorf("a call of a dead process: %v", err)
			}
			if p.Health(t.Context()) == nil {
				t.Error("a dead process is healthy")
			}
		})
	}
}

func TestExitErrorHasTheLastWords(t *testing.T) {
	p := start(t, process.Config{})
	if _, err := call(t.Context(), p, "print", task.Bytes([]byte("almost done")), task.Int32(1)); err != nil {
		t.Fatal(err)
	}
	_, err := call(t.Context(), p, "die", task.String("go panic"))
	wantError(t, err, task.Internal, "exited with code 2")
	if strings.Contains(err.Error(), "panic") {
		t.Errorf("a client sees what the process printed: %v", err)
	}
	exit := awaitExit(t, p)
	if exit == nil || !strings.Contains(exit.Error(), "panic: in a goroutine") {
		t.Errorf("got %v", exit)
	}
}

func timeout(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestClose(t *testing.T) {
	p := start(t, process.Config{CloseGrace: time.Minute})
	p.Close(t.Context())
	if !exited(p) || p.ExitError() != nil {
		t.Errorf("exited %v, %v", exited(p), p.ExitError())
	}
	p.Close(t.Context()) // again: nothing
	p.Kill(errKilled)
	_, err := call(t.Context(), p, "echo", task.Null())
	wantError(t, err, task.Unavailable, "the process was closed")
}

func TestCloseKillsALibraryThatStays(t *testing.T) {
	p := start(t, process.Config{Path: "fake:stays", CloseGrace: 20 * time.Millisecond})
	p.Close(t.Context())
	if err := p.ExitError(); err == nil {
		t.Error("no exit error")
	}
	p = start(t, process.Config{Path: "fake:stays", CloseGrace: time.Minute})
	p.Close(timeout(t, 20*time.Millisecond))
	if err := p.ExitError(); err == nil || !strings.Contains(err.Error(), "did not end in time") {
		t.Errorf("got %v", err)
	}
}

func TestCloseWithAnEndlessCall(t *testing.T) {
	p := start(t, process.Config{CloseGrace: time.Minute})
	result := make(chan error, 1)
	go func() {
		_, err := call(t.Context(), p, "spin")
		result <- err
	}()
	answers(t, p)
	p.Close(t.Context())
	if err := <-result; err == nil {
		t.Error("the call has a result")
	}
}

func TestHealth(t *testing.T) {
	p := start(t, process.Config{})
	if err := p.Health(t.Context()); err != nil {
		t.Error(err)
	}
	if p.PID() <= 0 {
		t.Errorf("pid %d", p.PID())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Health(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
