package process_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
	"github.com/taskscheduler/taskscheduler/task"
)

// tryIn returns what a library in p gets for trying something.
func tryIn(t *testing.T, p *process.Process, what string, with ...string) string {
	t.Helper()
	args := []task.Value{task.String(what)}
	for _, w := range with {
		args = append(args, task.String(w))
	}
	v, err := call(t.Context(), p, "try", args...)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	s, _ := v.Str()
	return s
}

func wantTry(t *testing.T, p *process.Process, want, what string, with ...string) {
	t.Helper()
	if got := tryIn(t, p, what, with...); !strings.Contains(got, want) {
		t.Errorf("%s %s: %s; want %s", what, with, got, want)
	}
}

// hasLandlock tells whether the kernel of these tests has landlock, and since
// when it can keep signals in: then is 6.
func hasLandlock() bool {
	version, _, err := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	return err == 0 && version >= 3
}

const (
	denied       = "permission denied"
	notPermitted = "operation not permitted"
)

func TestSandboxFiles(t *testing.T) {
	if !hasLandlock() {
		t.Skip("the kernel has no landlock")
	}
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("s"), 0o666); err != nil {
		t.Fatal(err)
	}
	p := start(t, process.Config{})
	if notes := p.Notes(); len(notes) > 0 {
		t.Errorf("notes: %q", notes)
	}
	for what, path := range map[string]string{
		"read": secret, "list": outside, "write": filepath.Join(outside, "new"), "truncate": secret, "remove": secret,
	} {
		wantTry(t, p, denied, what, path)
	}
	wantTry(t, p, denied, "read", "/etc/shadow")
	wantTry(t, p, denied, "read", "/proc/"+strconv.Itoa(os.Getpid())+"/environ")
	wantTry(t, p, denied, "list", "/")
	wantTry(t, p, "done", "list", "/usr/lib")
	wantTry(t, p, "done", "read", "/dev/null")
	wantTry(t, p, "done", "write", "/dev/null")
	wantTry(t, p, "done", "folder")
	if text, err := os.ReadFile(secret); err != nil || string(text) != "s" {
		t.Errorf("the secret: %q, %v", text, err)
	}

	loose := start(t, process.Config{Limits: sandbox.Limits{ReadPaths: []string{secret}}})
	wantTry(t, loose, "done", "read", secret)
	wantTry(t, loose, denied, "truncate", secret)
	loose = start(t, process.Config{Limits: sandbox.Limits{WritePaths: []string{outside}}})
	wantTry(t, loose, "done", "write", filepath.Join(outside, "new"))
	wantTry(t, loose, "done", "remove", secret)
}

func TestSandboxSystemCalls(t *testing.T) {
	p := start(t, process.Config{})
	for _, what := range []string{
		"ptrace", "peek", "kill parent", "kill all", "limit parent", "fork", "unshare", "mount",
		"bpf", "keyctl", "io_uring", "memfd", "setuid", "set no signal",
	} {
		wantTry(t, p, notPermitted, what)
	}
	wantTry(t, p, "function not implemented", "clone3")
	wantTry(t, p, notPermitted, "run", "/bin/true")
	for _, what := range []string{"kill self", "environment", "capabilities", "no new privileges", "socketpair", "pipes"} {
		wantTry(t, p, "done", what)
	}
	wantTry(t, p, "done", "open files", "256")

	loose := start(t, process.Config{Limits: sandbox.Limits{Programs: true}})
	wantTry(t, loose, "done", "run", "/bin/true")
	wantTry(t, loose, notPermitted, "unshare")
}

func TestSandboxHasNoFilesOfTheServer(t *testing.T) {
	const above = 200
	fd, err := unix.FcntlInt(0, unix.F_DUPFD, above) // not to be closed by exec
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	wantTry(t, start(t, process.Config{}), "bad file descriptor", "inherited file", strconv.Itoa(fd))
}

func TestSandboxNetwork(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := start(t, process.Config{})
	wantTry(t, p, denied, "dial", listener.Addr().String())
	for _, family := range []int{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK, unix.AF_VSOCK} {
		wantTry(t, p, denied, "socket", strconv.Itoa(family))
	}
	loose := start(t, process.Config{Limits: sandbox.Limits{Network: true}})
	wantTry(t, loose, "done", "dial", listener.Addr().String())
	// One with a name may be where operators come in without a token.
	wantTry(t, loose, denied, "socket", strconv.Itoa(unix.AF_UNIX))
	wantTry(t, loose, denied, "socket", strconv.Itoa(unix.AF_VSOCK))
	wantTry(t, loose, denied, "packet socket")
}

func TestLimits(t *testing.T) {
	p := start(t, process.Config{Limits: sandbox.Limits{OpenFiles: 100, FileBytes: 1000, Cores: 1}})
	wantTry(t, p, "done", "open files", "100")
	wantTry(t, p, "done", "cores", "1")
	wantTry(t, p, "done", "write", "small")
	wantTry(t, p, "file too large", "write much", "large")
	answers(t, p)
}

func TestUnconfined(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	p := start(t, process.Config{Limits: sandbox.Limits{Unconfined: true}})
	wantTry(t, p, "done", "write", file)
	wantTry(t, p, "done", "run", "/bin/true")
	wantTry(t, p, "done", "no new privileges")
	if notes := p.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "unconfined") {
		t.Errorf("notes: %q", notes)
	}
}

func TestMemoryLimit(t *testing.T) {
	limit := int64(400 << 20)
	p := start(t, process.Config{Limits: sandbox.Limits{MemoryBytes: limit}})
	_, err := call(t.Context(), p, "hoard")
	wantError(t, err, task.Internal, "plugin fake: the process was killed: it had ")
	wantError(t, err, task.Internal, "memory limit is 400 MiB")
	if err := awaitExit(t, p); err == nil || !strings.Contains(err.Error(), "memory limit") {
		t.Errorf("exit: %v", err)
	}
	p = start(t, process.Config{Limits: sandbox.Limits{MemoryBytes: -1}})
	answers(t, p)
	if p.Memory() <= 0 {
		t.Errorf("memory: %d", p.Memory())
	}
}

func TestProcessorTimeLimit(t *testing.T) {
	p := start(t, process.Config{Limits: sandbox.Limits{CPUSeconds: 1}})
	_, err := call(t.Context(), p, "spin")
	wantError(t, err, task.Internal, "used up its 1 s of processor time")
	if errors.Is(err, process.ErrNotDelivered) {
		t.Error("the call is said not to have been delivered")
	}
}
