package process_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

func TestLoad(t *testing.T) {
	p := start(t, process.Config{})
	described := p.Describe()
	tasks := described.Tasks
	if len(tasks) != len(fakeTasks) || tasks[0] != (library.TaskInfo{Name: "echo"}) {
		t.Errorf("got %v", tasks)
	}
	for _, info := range tasks {
		if info.Async != (info.Name == "wait") {
			t.Errorf("%s: async %v", info.Name, info.Async)
		}
	}
	if described.Version != "1.2.3" || described.Doc != "A fake." {
		t.Errorf("got version %q, doc %q", described.Version, described.Doc)
	}
	if none := start(t, process.Config{Path: "fake:none"}); len(none.Describe().Tasks) != 0 {
		t.Errorf("got %v", none.Describe().Tasks)
	}
}

func TestLoadFailures(t *testing.T) {
	for path, want := range map[string]string{
		"fake:refuse":    "plugin bad: the library exports no function init_plugin",
		"fake:exit":      "plugin bad: while loading, the process exited with code 3",
		"fake:abort":     "plugin bad: while loading, the process died of SIGABRT",
		"fake:panic":     "while loading, the process exited with code 2; its last words: panic: no good",
		"fake:hang":      "plugin bad: it did not load within 200ms",
		"fake:twice":     `plugin bad: its table of tasks is wrong: two tasks are called "echo"`,
		"fake:signature": `plugin bad: its table of tasks is wrong: echo's signature is malformed: byte 11: want a type, not ")"`,
		"fake:name":      `plugin bad: its table of tasks is wrong: a task is called "no name"`,
	} {
		if path == "fake:abort" && runtime.GOOS == "windows" {
			continue
		}
		config := process.Config{Name: "bad", Path: path}
		if path == "fake:hang" {
			config.LoadTimeout = 200 * time.Millisecond
		}
		if _, err := tryStart(t, config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", path, err, want)
		}
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	logged := make(chan string, 100)
	go func() {
		<-logged // "opening": it is there, and hangs
		cancel()
	}()
	_, err := process.Start(ctx, process.Config{
		Name: "slow", Path: "fake:hang", TempDir: t.TempDir(), LoadTimeout: time.Minute, Logger: logTo(logged),
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestStartNeedsAFolder(t *testing.T) {
	if _, err := process.Start(t.Context(), process.Config{Name: "x", Path: "fake", TempDir: "/does/not/exist"}); err == nil {
		t.Error("no error")
	}
}

// TestConfinementCanBeRequired makes sure that the file is not even opened.
func TestConfinementCanBeRequired(t *testing.T) {
	lines := make(chan string, 100)
	_, err := tryStart(t, process.Config{
		RequireConfinement: true, Limits: sandbox.Limits{Unconfined: true}, Logger: logTo(lines),
	})
	if err == nil || !strings.Contains(err.Error(), "Config.RequireConfinement allows none to be missing: ") {
		t.Errorf("got %v", err)
	}
	close(lines)
	for line := range lines {
		if strings.Contains(line, "opening") {
			t.Errorf("it was opened: %s", line)
		}
	}
}
