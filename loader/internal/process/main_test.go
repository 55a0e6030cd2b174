package process_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/loader/internal/child"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestMain makes the test binary what its tests need: the child of a Process,
// a child that does not keep to the protocol, a parent that is to be killed.
func TestMain(m *testing.M) {
	beEvil()
	beUnready()
	child.Main(openFake)
	beParent()
	goleak.VerifyTestMain(m)
}

const unreadyName = "program-without-main"

// beUnready makes the process one whose main does not call child.Main, and
// tells what it gets for that.
func beUnready() {
	if os.Args[0] == unreadyName {
		_, err := process.Start(context.Background(), process.Config{Name: "x", Path: "fake"})
		fmt.Print(err) //nolint:forbidigo // the test reads it
		os.Exit(0)     //nolint:forbidigo // no test is to run in this process
	}
}

func TestStartNeedsMain(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self)
	program.Args = []string{unreadyName}
	said, err := program.Output()
	if err != nil || !strings.Contains(string(said), "BecomePlugin") {
		t.Errorf("got %s, %v", said, err)
	}
}

// patience is for machines that are busy with something else.
const patience = 3 * time.Minute

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
	config.LoadTimeout = cmp.Or(config.LoadTimeout, patience)
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

// reporter is what a task says of itself.
type reporter struct {
	progress func(fraction float64, note string) // may be nil
	log      func(level slog.Level, text string) // may be nil
}

func (r reporter) Progress(attempt int, fraction float64, note string) {
	if r.progress != nil && attempt == 1 {
		r.progress(fraction, note)
	}
}

func (r reporter) Log(attempt int, level slog.Level, text string) {
	if r.log != nil && attempt == 1 {
		r.log(level, text)
	}
}

// telling is a context for calls that tell that they run.
func telling(ctx context.Context, began chan<- string) context.Context {
	return task.WithCall(ctx, task.Call{Reporter: reporter{progress: func(_ float64, note string) { began <- note }}})
}

// call calls a task of the fake library. ctx may have a reporter.
func call(ctx context.Context, p *process.Process, name string, args ...task.Value) (task.Value, error) {
	for i, info := range p.Describe().Tasks {
		if info.Name == name {
			return p.Call(ctx, i, process.CallInfo{TaskID: "id-of-" + name, Attempt: 1, Reporter: task.CallOf(ctx).Reporter}, args)
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
	case <-time.After(patience):
		t.Fatal("the process has not ended")
	}
	return p.ExitError()
}

// errKilled is why tests kill processes.
var errKilled = errors.New("the server asked for it")
