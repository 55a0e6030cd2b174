//go:build linux

package deploy_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
)

// A runningServer is a server that listens.
type runningServer struct {
	command *exec.Cmd
	addr    string
	printed *transcript
	ended   chan error
}

func startServer(t *testing.T, command *exec.Cmd) *runningServer {
	t.Helper()
	s := &runningServer{command: command, printed: &transcript{changed: make(chan struct{})}, ended: make(chan error, 1)}
	command.Stdout, command.Stderr = s.printed, s.printed
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() }) // it has ended when all is well
	go func() { s.ended <- command.Wait() }()
	s.addr = s.await(t, `listens at (127\.0\.0\.1:\d+)\.`)
	return s
}

// await returns what the pattern's group is in what the server has printed, once
// that is there.
func (s *runningServer) await(t *testing.T, pattern string) string {
	t.Helper()
	re, late := regexp.MustCompile(pattern), time.After(time.Minute)
	for {
		text, changed := s.printed.now()
		if match := re.FindStringSubmatch(text); match != nil {
			return match[1]
		}
		select {
		case <-changed:
		case err := <-s.ended:
			t.Fatalf("it ends with %v, before it prints %s:\n%s", err, pattern, text)
		case <-late:
			t.Fatalf("it does not print %s:\n%s", pattern, text)
		}
	}
}

// stop ends it as supervisors do, and returns what it has printed.
func (s *runningServer) stop(t *testing.T) string {
	t.Helper()
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
	text, _ := s.printed.now()
	if t.Failed() {
		t.Logf("it printed\n%s", text)
	}
	return text
}

// call has methods do something with six and seven.
func (s *runningServer) call(t *testing.T, want string, methods ...string) {
	t.Helper()
	c, err := client.New(client.Config{Addr: s.addr})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, method := range methods {
		if got, err := c.Run(t.Context(), method, 6, 7); err != nil || got != want {
			t.Errorf("%s answers %q, %v; want %s", method, got, err, want)
		}
	}
}

// A transcript is what a process has printed so far.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *transcript) now() (text string, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.changed
}
