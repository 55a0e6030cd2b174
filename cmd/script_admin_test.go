package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// adminAddr waits until the script's server listens for operators, and has the
// commands after it call it there.
func adminAddr(ts *testscript.TestScript, args []string) {
	if len(args) != 0 {
		ts.Fatalf("usage: adminaddr")
	}
	addr, err := serverOf(ts).adminAddr()
	ts.Check(err)
	ts.Setenv("TASK_SCHEDULER_ADMIN_ADDR", addr)
}

func (s *serverProcess) adminAddr() (string, error) {
	match, err := s.stderr.await(`admin listens addr=(\S+)`)
	if err != nil {
		return "", err
	}
	return match[1], nil
}

// installer returns the command that puts the example plugin in C, built once,
// into the library directory under a name.
func installer(t *testing.T) func(*testscript.TestScript, []string) {
	t.Helper()
	built := sync.OnceValue(func() string { return plugintest.Compile(t, plugintest.Example(t, "c")) })
	return func(ts *testscript.TestScript, args []string) {
		if len(args) != 1 {
			ts.Fatalf("usage: plugin NAME")
		}
		_, err := install(built(), ts.MkAbs("libraries"), args[0])
		ts.Check(err)
	}
}

// install puts a library into dir as a plugin of that name, whole at once.
func install(library, dir, name string) (path string, err error) {
	content, err := os.ReadFile(library)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "lib"+name+filepath.Ext(library))
	if err := os.WriteFile(filepath.Join(dir, ".new"), content, 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(filepath.Join(dir, ".new"), path)
}

// runsPatience is how long a command waits for a plugin that is being loaded. A
// machine that is too busy for that is no failure.
const runsPatience = 2 * time.Second

// loading runs a command that names a task of a plugin that was installed a moment ago.
func loading(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: loading NAME COMMAND…")
	}
	began := time.Now()
	err := ts.Exec(args[1], args[2:]...)
	if err != nil && time.Since(began) > runsPatience {
		_, loaded := serverOf(ts).stderr.await("plugin loaded plugin=" + args[0])
		ts.Check(loaded)
		err = ts.Exec(args[1], args[2:]...)
	}
	ts.Check(err)
}

type watcherKey struct{}

// watch runs beside the script.
func watch(ts *testscript.TestScript, args []string) {
	watcher := ts.Value(watcherKey{}).(*serverProcess)
	watcher.env = append(slices.Clone(serverOf(ts).env), "TASK_SCHEDULER_ADMIN_ADDR="+ts.Getenv("TASK_SCHEDULER_ADMIN_ADDR"))
	ts.Check(watcher.run(ts.MkAbs("."), nil, append([]string{"admin", "events"}, args...)))
	ts.Defer(watcher.kill)
	_, err := watcher.stderr.await("^Watching ")
	ts.Check(err)
}

func watched(ts *testscript.TestScript, args []string) {
	watcher := ts.Value(watcherKey{}).(*serverProcess)
	if len(args) < 1 || len(args) > 2 || len(args) == 2 && args[1] != "INT" {
		ts.Fatalf("usage: watched CODE [INT]")
	}
	if len(args) == 2 {
		ts.Check(watcher.process.Process.Signal(os.Interrupt))
	}
	code, err := watcher.wait()
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), watcher.stdout.String())
	fmt.Fprint(ts.Stderr(), watcher.stderr.String())
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("it exited with %d, want %s:\n%s", code, args[0], watcher.stderr.String())
	}
}
