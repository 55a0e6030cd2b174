//go:build unix

package clients_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/server"
)

// A program is an example and how it is run. In its words ADDR is the server's
// address, and URL the same with its scheme.
type program struct {
	name string
	// needs are the commands that it takes.
	needs []string
	// fetch gets what it depends on, which takes a package registry.
	fetch []string
	build string
	run   string
	// lines are what it prints beside the lines that all do.
	lines []string
}

var programs = []program{
	{
		"python",
		[]string{"python3 -m venv -h"},
		[]string{"test -x .venv/bin/pip || python3 -m venv .venv", ".venv/bin/pip install -q -r requirements.txt"},
		".venv/bin/python -m py_compile client.py",
		".venv/bin/python client.py ADDR",
		[]string{"SubmitTask: NOT_FOUND Method not found: nix", "CancelTask: True", "GetNodeInfo: True", "SubmitBatch: [3, 'pong: 3']"},
	},
	{
		"typescript",
		[]string{"node --version", "npm --version"},
		[]string{"npm install --silent --no-audit --no-fund"},
		"npm run -s build",
		"node dist/client.js URL",
		[]string{"SubmitTask: NotFound Method not found: nix", "CancelTask: true", "GetNodeInfo: true", `SubmitBatch: [3,"pong: 3"]`},
	},
	{
		"java",
		[]string{"javac -version", "mvn --version"},
		[]string{"mvn -q -B dependency:resolve"},
		"mvn -q -B compile",
		`mvn -q -B exec:java -Dexec.args="ADDR"`,
		[]string{"SubmitTask: NOT_FOUND Method not found: nix", "CancelTask: true", "GetNodeInfo: true", "SubmitBatch: [3, pong: 3]"},
	},
	{
		"rust",
		[]string{"cargo --version", "cc --version"},
		[]string{"cargo fetch -q"},
		"cargo build -q",
		"target/debug/task-scheduler-client URL",
		[]string{"SubmitTask: NotFound Method not found: nix", "CancelTask: true", "GetNodeInfo: true", `SubmitBatch: [Int32(3), String("pong: 3")]`},
	},
}

// TestClients runs each example against a server, in the clear and over TLS.
// What they depend on and build is kept in the user's cache: the first run takes
// minutes.
func TestClients(t *testing.T) {
	t.Parallel()
	authority := certtest.NewAuthority(t)
	cert, key := authority.Issue(t, "server").Write(t, t.TempDir())
	ca := authority.Write(t, t.TempDir())
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, command := range p.needs {
				if out, err := shell(t, ".", command); err != nil {
					t.Skipf("%s doesn't work here: %v\n%s", command, err, out)
				}
			}
			folder := workplace(t, p.name)
			for _, command := range p.fetch {
				if out, err := shell(t, folder, command); err != nil {
					t.Skipf("what it depends on can't be had: %s: %v\n%s", command, err, out)
				}
			}
			switch out, err := shell(t, folder, p.build); {
			case errors.Is(err, context.DeadlineExceeded):
				t.Skipf("%s takes longer than %v here; the next run goes on where it stopped", p.build, patience)
			case err != nil:
				t.Fatalf("%s: %v\n%s", p.build, err, out)
			}
			plain := startServer(t, server.Config{})
			p.check(t, folder, plain, "http://"+plain)
			encrypted := startServer(t, server.Config{TLSCert: cert, TLSKey: key})
			p.check(t, folder, encrypted+" "+ca, "https://"+encrypted+" "+ca)
		})
	}
}

// plainText matches the colours that Maven prints even where it is told not to.
var plainText = regexp.MustCompile("\x1b\\[[0-9;]*m")

// check runs the program and looks at what it prints.
func (p program) check(t *testing.T, folder, addr, url string) {
	t.Helper()
	command := strings.NewReplacer("ADDR", addr, "URL", url).Replace(p.run)
	out, err := shell(t, folder, command)
	if err != nil {
		t.Errorf("%s: %v\n%s", command, err, out)
		return
	}
	for _, line := range append([]string{
		"SubmitTask: 6",
		"SubmitTask: Processing person: Name=Ada, Age=36, IsStudent=false, Scores=[88.5, 95.5]",
		"WaitResult: 12586269025",
		"GetResult: SUCCESS",
		"WatchTask: SUCCESS Deleted 1 items",
		"DescribeTask: (numbers: int32...) -> int32",
		"SubmitTasks: 6050",
	}, p.lines...) {
		if !strings.Contains("\n"+plainText.ReplaceAllString(out, ""), "\n"+line+"\n") {
			t.Errorf("%s: no line %q in what it prints:\n%s", command, line, out)
		}
	}
}

// patience is how long a command may take: all that a client depends on is built
// once, on a machine that may be busy.
const patience = 3 * time.Minute

// shell runs a command. An error that is [context.DeadlineExceeded] means that it
// took too long.
func shell(t *testing.T, folder, command string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", command)
	cmd.Dir = folder
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its children end with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return string(out), err
}

// workplace returns a copy of an example's folder, with the proto files where
// they are to be found from there. It is this test's alone until it ends.
func workplace(t *testing.T, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("no folder to keep what it depends on: %v", err)
	}
	root := filepath.Join(cache, "task-scheduler-clients", name)
	folder := filepath.Join(root, "examples", "clients", name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(filepath.Join(root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() }) // which unlocks it
	for errors.Is(syscall.Flock(int(lock.Fd()), syscall.LOCK_EX), syscall.EINTR) {
		continue // a signal came
	}
	// cp -p keeps times, by which build tools see what has changed.
	for from, to := range map[string]string{name: filepath.Dir(folder), filepath.Join("..", "..", "proto"): root} {
		if out, err := exec.CommandContext(t.Context(), "cp", "-Rp", from, to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return folder
}

// startServer runs a server until the test ends.
func startServer(t *testing.T, cfg server.Config) (addr string) {
	t.Helper()
	cfg.Addr, cfg.AdminAddr, cfg.Logger, cfg.DrainTimeout = "127.0.0.1:0", "off", slog.New(slog.DiscardHandler), time.Second
	s, err := server.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s.Addr().String()
}
