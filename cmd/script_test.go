package cmd_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/cmd"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// The scripts run this test's own binary as task-scheduler, as a user would
// run a copy of cmd/task-scheduler with three tasks more.
var (
	_ = task.Async(linger)
	_ = task.Async(hang)
	_ = task.Async(flaky)
)

// flaky fails until the third attempt.
func flaky(ctx context.Context) (int, error) {
	const succeeds = 3
	attempt := task.CallOf(ctx).Attempt
	if attempt < succeeds {
		return 0, task.Errorf(task.Unavailable, "attempt %d failed", attempt)
	}
	return attempt, nil
}

// linger tells on the server's console that it runs, and ends soon.
func linger(ctx context.Context) (string, error) {
	fmt.Fprintln(os.Stderr, "linger runs")
	select {
	case <-time.After(300 * time.Millisecond):
		return "lingered", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// hang does not end by itself.
func hang(ctx context.Context) error {
	fmt.Fprintln(os.Stderr, "hang runs")
	<-ctx.Done()
	return ctx.Err()
}

func TestMain(m *testing.M) {
	server.BecomePlugin()
	testscript.Main(leakChecked{m}, map[string]func(){"task-scheduler": cmd.Main})
}

type leakChecked struct{ tests testscript.TestingM }

func (l leakChecked) Run() int {
	for _, variable := range os.Environ() { // the developer's own settings are not tested
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TASK_SCHEDULER_") {
			os.Unsetenv(name)
		}
	}
	os.Setenv("XDG_CONFIG_HOME", os.DevNull) // nor are profiles
	code := l.tests.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// TestScripts runs testdata/script. Beside testscript's own commands, and
// task-scheduler by exec, the scripts have:
//
//	serve [NAME=VALUE…] [FLAG…]  start a server, wait until it listens, set $ADDR
//	await REGEXP                 wait until a line on its standard error matches
//	signal TERM|INT|HUP          send it a signal
//	served CODE                  wait until it has exited with CODE; write what it
//	                             printed to server.out and server.err
//	exits CODE COMMAND…          run a command that exits with CODE
//	refused [NAME=VALUE…] [FLAG…]
//	                             run task-scheduler, which must print one line on
//	                             standard error and exit with 2
//	jsonlog DIR FILE             copy DIR's only file, private and all JSON, to FILE
//	rotate DIR FILE              move DIR's only file to FILE
//	adminaddr                    wait until the server listens for operators, and let
//	                             task-scheduler admin call it
//	watch [FLAG…]                run task-scheduler admin events, until it watches
//	watched CODE [INT]           wait until it has exited with CODE, once it has got
//	                             the signal; what it printed is standard output
//	plugin NAME                  put a plugin in C into libraries (needs cc)
//	loading NAME COMMAND…        run a command that waits for a plugin that was put there a
//	                             moment ago
//	certificate NAME             write NAME.crt and NAME.key for 127.0.0.1
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// With the race detector each process would end with a nap of a second.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			// Scripts run at a time, and each server would listen at the same address.
			env.Setenv("TASK_SCHEDULER_ADMIN_ADDR", "127.0.0.1:0")
			env.Values[watcherKey{}] = new(serverProcess)
			env.Values[serverKey{}] = &serverProcess{env: slices.Clone(env.Vars)}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":       positive(serve),
			"await":       positive(await),
			"signal":      positive(sendSignal),
			"served":      positive(served),
			"exits":       positive(exits),
			"refused":     positive(refused),
			"jsonlog":     positive(jsonlog),
			"rotate":      positive(rotate),
			"certificate": positive(certificate),
			"adminaddr":   positive(adminAddr),
			"plugin":      positive(installer(t)),
			"loading":     positive(loading),
			"watch":       positive(watch),
			"watched":     positive(watched),
		},
	})
}

// positive adapts a command that can't be negated.
func positive(run func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command can't be negated")
		}
		run(ts, args)
	}
}

type serverKey struct{}

func serverOf(ts *testscript.TestScript) *serverProcess {
	return ts.Value(serverKey{}).(*serverProcess)
}

func serve(ts *testscript.TestScript, args []string) {
	variables, flags := splitVariables(args)
	addr, err := serverOf(ts).start(ts.MkAbs("."), variables, flags)
	ts.Defer(serverOf(ts).kill)
	ts.Check(err)
	ts.Setenv("ADDR", addr)
}

// splitVariables takes the leading NAME=VALUE words off, as a shell does.
func splitVariables(args []string) (variables, rest []string) {
	for i, arg := range args {
		if !strings.Contains(arg, "=") || strings.HasPrefix(arg, "-") {
			return args[:i], args[i:]
		}
	}
	return args, nil
}

func await(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: await REGEXP")
	}
	_, err := serverOf(ts).stderr.await(args[0])
	ts.Check(err)
}

func sendSignal(ts *testscript.TestScript, args []string) {
	signals := map[string]syscall.Signal{"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "HUP": syscall.SIGHUP}
	if len(args) != 1 || signals[args[0]] == 0 {
		ts.Fatalf("usage: signal TERM|INT|HUP")
	}
	ts.Check(serverOf(ts).process.Process.Signal(signals[args[0]]))
}

func served(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: served CODE")
	}
	server := serverOf(ts)
	code, err := server.wait()
	ts.Check(os.WriteFile(ts.MkAbs("server.out"), []byte(server.stdout.String()), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("server.err"), []byte(server.stderr.String()), 0o600))
	ts.Check(err)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("server exited with %d, want %s:\n%s", code, args[0], server.stderr.String())
	}
}

func exits(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

func refused(ts *testscript.TestScript, args []string) {
	variables, flags := splitVariables(args)
	var stdout, stderr strings.Builder
	command := exec.CommandContext(context.Background(), "task-scheduler", flags...)
	command.Dir = ts.MkAbs(".")
	command.Env = append(slices.Clip(serverOf(ts).env), variables...)
	command.Stdout, command.Stderr = &stdout, &stderr
	_ = command.Run() // checked by its exit code
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), stderr.String())
	switch line := stderr.String(); {
	case command.ProcessState.ExitCode() != 2:
		ts.Fatalf("exit code %d, want 2", command.ProcessState.ExitCode())
	case strings.Count(line, "\n") != 1 || !strings.HasPrefix(line, "task-scheduler: "):
		ts.Fatalf("want one line on standard error, got:\n%s", line)
	case stdout.Len() > 0:
		ts.Fatalf("want nothing on standard output, got:\n%s", stdout.String())
	}
}

func jsonlog(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: jsonlog DIR FILE")
	}
	name := onlyFile(ts, args[0])
	info, err := os.Stat(name)
	ts.Check(err)
	if info.Mode().Perm() != 0o600 {
		ts.Fatalf("log file may be read by others: %v", info.Mode())
	}
	text := ts.ReadFile(name)
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("not JSON: %s", line)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

func rotate(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: rotate DIR FILE")
	}
	ts.Check(os.Rename(onlyFile(ts, args[0]), ts.MkAbs(args[1])))
}

func onlyFile(ts *testscript.TestScript, dir string) string {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(dir), "*"))
	ts.Check(err)
	if len(files) != 1 {
		ts.Fatalf("want one file in %s, got %q", dir, files)
	}
	return files[0]
}
