package process_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestMain makes the test binary what its tests need: the child of a Process,
// a child that does not keep to the protocol, a parent that is to be killed.
func TestMain(m *testing.M) {
	beEvil()
	process.Main(openFake)
	beParent()
	goleak.VerifyTestMain(m)
}

// start starts a child with the fake library, or what else config says.
func start(t testing.TB, config process.Config) *process.Process {
	t.Helper()
	p, err := tryStart(t, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return p
}

func tryStart(t testing.TB, config process.Config) (*process.Process, error) {
	t.Helper()
	if config.Name == "" {
		config.Name = "fake"
	}
	if config.Path == "" {
		config.Path = "fake"
	}
	if config.TempDir == "" {
		config.TempDir = t.TempDir()
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	p, err := process.Start(t.Context(), config)
	t.Cleanup(func() {
		if left, _ := os.ReadDir(config.TempDir); p != nil && len(left) > 0 && exited(p) {
			t.Errorf("the process left %v", left)
		}
	})
	return p, err
}

func exited(p *process.Process) bool {
	select {
	case <-p.Exited():
		return true
	default:
		return false
	}
}

// call calls a task of the fake library.
func call(ctx context.Context, p *process.Process, name string, args ...task.Value) (task.Value, error) {
	for i, info := range p.Describe().Tasks {
		if info.Name == name {
			return p.Call(ctx, i, process.CallInfo{TaskID: "id-of-" + name, Attempt: 1}, args)
		}
	}
	panic("the fake library has no task " + name)
}

// answers makes sure that a process still answers.
func answers(t *testing.T, p *process.Process) {
	t.Helper()
	v, err := call(t.Context(), p, "echo", task.Int32(7))
	if i, _ := v.Int32(); err != nil || i != 7 {
		t.Errorf("echo(7) = %v, %v", v, err)
	}
}

// awaitExit returns why a process ended.
func awaitExit(t *testing.T, p *process.Process) error {
	t.Helper()
	select {
	case <-p.Exited():
	case <-time.After(20 * time.Second):
		t.Fatal("the process has not ended")
	}
	return p.ExitError()
}

// errKilled is why tests kill processes.
var errKilled = errors.New("the server asked for it")
