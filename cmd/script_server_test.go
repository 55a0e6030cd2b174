package cmd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"time"
)

// patience is how long a script waits for what should happen soon.
const patience = time.Minute

// serverProcess is the server of one script.
type serverProcess struct {
	env            []string
	process        *exec.Cmd
	stdout, stderr *transcript
	exited         chan struct{} // closed once the process has ended and err is set
	err            error
}

var listening = regexp.MustCompile(`listens at (\S+)\. `)

// start returns the address that the server says it listens at.
func (s *serverProcess) start(dir string, variables, flags []string) (addr string, err error) {
	if err := s.run(dir, variables, flags); err != nil {
		return "", err
	}
	match, err := s.stdout.await(listening.String())
	if err != nil {
		return "", fmt.Errorf("%w; standard error:\n%s", err, s.stderr.String())
	}
	return match[1], nil
}

// run starts the process.
func (s *serverProcess) run(dir string, variables, flags []string) error {
	s.stdout, s.stderr = newTranscript(), newTranscript()
	s.process = exec.CommandContext(context.Background(), "task-scheduler", flags...)
	s.process.Dir = dir
	s.process.Env = append(slices.Clip(s.env), variables...)
	s.process.Stdout, s.process.Stderr = s.stdout, s.stderr
	if err := s.process.Start(); err != nil {
		return err
	}
	s.exited = make(chan struct{})
	go func() {
		s.err = s.process.Wait()
		s.stdout.end()
		s.stderr.end()
		close(s.exited)
	}()
	return nil
}

// wait returns the exit code.
func (s *serverProcess) wait() (int, error) {
	select {
	case <-s.exited:
		if _, failed := errors.AsType[*exec.ExitError](s.err); s.err != nil && !failed {
			return 0, s.err
		}
		return s.process.ProcessState.ExitCode(), nil
	case <-time.After(patience):
		return 0, fmt.Errorf("server goes on; standard error:\n%s", s.stderr.String())
	}
}

// kill ends a server that a script left running.
func (s *serverProcess) kill() {
	if s.exited == nil {
		return // it did not even start
	}
	_ = s.process.Process.Kill() // it has exited already when the script is right
	<-s.exited
}

// transcript is what a process has printed so far.
type transcript struct {
	mu      sync.Mutex
	text    bytes.Buffer
	ended   bool
	changed chan struct{} // closed and replaced when something changes
}

func newTranscript() *transcript { return &transcript{changed: make(chan struct{})} }

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notify()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

func (t *transcript) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.notify()
}

func (t *transcript) notify() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// await waits until the text matches pattern and returns the submatches.
func (t *transcript) await(pattern string) ([]string, error) {
	re, err := regexp.Compile("(?m)" + pattern)
	if err != nil {
		return nil, err
	}
	deadline := time.After(patience)
	for {
		t.mu.Lock()
		match, ended, changed := re.FindStringSubmatch(t.text.String()), t.ended, t.changed
		t.mu.Unlock()
		switch {
		case match != nil:
			return match, nil
		case ended:
			return nil, fmt.Errorf("process ended without printing %q, but:\n%s", pattern, t)
		}
		select {
		case <-changed:
		case <-deadline:
			return nil, fmt.Errorf("no %q in %v:\n%s", pattern, patience, t)
		}
	}
}
