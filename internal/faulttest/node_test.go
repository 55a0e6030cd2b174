package faulttest

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// patience is for what takes a moment, on a machine that is busy.
const patience = 2 * time.Minute

// node is a server with a data directory, which outlives its process.
type node struct {
	data  string
	marks string
	flags []string
	addr  string
	via   []string // what the process is started by
	conn  *grpc.ClientConn

	program string   // empty: this one
	env     []string // more of it

	process *exec.Cmd
	serving chan struct{}
	exited  chan struct{}
	mu      sync.Mutex
	output  strings.Builder // of this process
	before  strings.Builder // of those before
}

// newNode returns a node that keeps its data in a directory; it is not started.
func newNode(t *testing.T, data string, flags ...string) *node {
	t.Helper()
	return newNodeAt(t, natstest.FreeAddr(t), data, flags...)
}

func newNodeAt(t *testing.T, addr, data string, flags ...string) *node {
	t.Helper()
	n := &node{data: data, marks: filepath.Join(t.TempDir(), "marks"), flags: flags, addr: addr}
	t.Cleanup(n.kill)
	n.dial(t)
	return n
}

// dial connects to the node, which may not run yet.
func (n *node) dial(t *testing.T) {
	t.Helper()
	conn, err := grpc.NewClient(n.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	n.conn = conn
	t.Cleanup(func() { conn.Close() })
}

// start starts the process, and returns when it serves, or has refused to: then
// the error is what it printed.
func (n *node) start(t *testing.T) error {
	t.Helper()
	n.begin(t)
	return n.awaitServing(t)
}

// begin starts the process.
func (n *node) begin(t *testing.T) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	flags := append([]string{"--addr", n.addr, "--admin-addr", "off", "--log-dir", ""}, n.flags...)
	if n.data != "" {
		flags = append(flags, "--data-dir", n.data)
	}
	all := slices.Concat(n.via, []string{cmp.Or(n.program, own)}, flags)
	n.process = exec.CommandContext(context.Background(), all[0], all[1:]...)
	n.process.Dir = t.TempDir()
	n.process.Env = slices.Concat(os.Environ(), []string{isServer + "=1", marksFile + "=" + n.marks}, n.env)
	errors, err := n.process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.process.Start(); err != nil {
		t.Fatal(err)
	}
	n.exited = make(chan struct{})
	n.serving = make(chan struct{})
	n.mu.Lock()
	n.before.WriteString(n.output.String())
	n.output.Reset()
	n.mu.Unlock()
	go n.read(errors)
}

// awaitServing waits until the process that was begun serves, or has refused to.
func (n *node) awaitServing(t *testing.T) error {
	t.Helper()
	select {
	case <-n.serving:
		n.conn.ResetConnectBackoff()
		return nil
	case <-n.exited:
		return fmt.Errorf("%s", strings.TrimSpace(n.said()))
	case <-time.After(patience):
		t.Fatalf("it doesn't start: %s", n.said())
		return nil
	}
}

var serves = regexp.MustCompile(`\bserving addr=`)

// read reads what the process prints until it has exited.
func (n *node) read(from io.Reader) {
	told := false
	for lines := bufio.NewScanner(from); lines.Scan(); {
		n.mu.Lock()
		n.output.WriteString(lines.Text() + "\n")
		n.mu.Unlock()
		if !told && serves.MatchString(lines.Text()) {
			told = true
			close(n.serving)
		}
	}
	_ = n.process.Wait() // how it ended is in its output, or it was killed
	close(n.exited)
}

// awaitLine waits until the process has said something.
func (n *node) awaitLine(t *testing.T, part string) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); !strings.Contains(n.said(), part); <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("it doesn't say %q: %s", part, n.said())
		}
	}
}

func (n *node) said() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.output.String()
}

// saidAll is what all its processes have said.
func (n *node) saidAll() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.before.String() + n.output.String()
}

// mustStart starts the process, which must serve.
func (n *node) mustStart(t *testing.T) {
	t.Helper()
	if err := n.start(t); err != nil {
		t.Fatalf("it doesn't start: %v", err)
	}
}

// kill ends the process as kill -9 does.
func (n *node) kill() {
	if n.process == nil || n.process.Process == nil {
		return
	}
	_ = n.process.Process.Kill() // it may have exited
	<-n.exited
}

// stop ends the process as a service manager does, and returns its exit code.
func (n *node) stop(t *testing.T) int {
	t.Helper()
	if err := n.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-n.exited:
	case <-time.After(patience):
		t.Fatalf("it doesn't stop: %s", n.said())
	}
	return n.process.ProcessState.ExitCode()
}
