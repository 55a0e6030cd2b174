// Package loadertest is the conformance suite of what opens plugins: whatever
// implements library.Library passes it, with plugins of every language.
package loadertest

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// lastID makes the ids of calls unique in the process, as they are in a child.
var lastID atomic.Uint64 //nolint:gochecknoglobals // two plugins that are open at once share no id

// A Plugin is an open library, with what it said to the services it was given.
type Plugin struct {
	library.Library

	Said *Services
}

// Open opens a plugin until the test ends.
func Open(t testing.TB, open library.Open, path string) *Plugin {
	t.Helper()
	said := &Services{}
	said.spoke.L = &said.mu
	library, err := open(path, said)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(library.Close)
	return &Plugin{Library: library, Said: said}
}

// Result is what done was called with.
type Result struct {
	Status library.Status
	Value  task.Value
}

// A Running is a call that was started.
type Running struct {
	ID     uint64
	result chan Result
}

// Start calls a task by name, from a goroutine of its own. It changes the call
// first where change is given. As a server does, it holds the arguments against the
// task's signature before.
func (p *Plugin) Start(t testing.TB, name string, change func(*library.Call), args ...task.Value) *Running {
	t.Helper()
	call := &library.Call{ID: lastID.Add(1), Task: p.index(t, name), Attempt: 1, Args: args}
	if change != nil {
		change(call)
	}
	r := &Running{ID: call.ID, result: make(chan Result, 2)}
	if err := p.check(t, call); err != nil {
		r.result <- Result{library.BadArguments, task.String(err.Error())}
		return r
	}
	go p.Call(call, func(status library.Status, v task.Value) { r.result <- Result{status, v} })
	return r
}

// check has the arguments as the signature asks for them, if there is one.
func (p *Plugin) check(t testing.TB, call *library.Call) error {
	t.Helper()
	info := p.Describe().Tasks[call.Task]
	if info.Signature == "" {
		return nil
	}
	s, err := signature.Parse(info.Signature)
	if err != nil {
		t.Fatal(err)
	}
	call.Args, err = s.Check(info.Name, call.Args)
	return err
}

// patience is for machines that are busy with something else.
const patience = 3 * time.Minute

// Wait returns what the call came to.
func (r *Running) Wait(t testing.TB) Result {
	t.Helper()
	select {
	case result := <-r.result:
		return result
	case <-time.After(patience):
		t.Fatalf("the call did not end in %s", patience)
		return Result{}
	}
}

// Do calls a task and waits for its result.
func (p *Plugin) Do(t testing.TB, name string, args ...task.Value) Result {
	t.Helper()
	return p.Start(t, name, nil, args...).Wait(t)
}

// want calls a task and expects OK with that value.
func (p *Plugin) want(t testing.TB, want task.Value, name string, args ...task.Value) {
	t.Helper()
	if got := p.Do(t, name, args...); got.Status != library.OK || !contracttest.Equal(got.Value, want) {
		t.Errorf("%s: got status %d, %s, want %s", name, got.Status, show(got.Value), show(want))
	}
}

// wantMessage calls a task and expects that status and text.
func (p *Plugin) wantMessage(t testing.TB, status library.Status, text, name string, args ...task.Value) {
	t.Helper()
	got := p.Do(t, name, args...)
	if message, _ := got.Value.Str(); got.Status != status || message != text {
		t.Errorf("%s: got status %d, %s, want status %d, %q", name, got.Status, show(got.Value), status, text)
	}
}

func (p *Plugin) index(t testing.TB, name string) int {
	t.Helper()
	for i, info := range p.Describe().Tasks {
		if info.Name == name {
			return i
		}
	}
	t.Fatalf("no task %s in %v", name, p.Describe().Tasks)
	return 0
}

// Services keeps what a plugin says.
type Services struct {
	mu       sync.Mutex
	lines    []Line
	progress map[uint64]chan Progress
	spoke    sync.Cond // wakes AwaitLine; its lock is mu
}

// Line is a line of the log.
type Line struct {
	Call  uint64
	Level slog.Level
	Text  string
}

// Progress is how far a call says it is.
type Progress struct {
	Fraction float64
	Note     string
}

// Log implements [library.Services].
func (s *Services) Log(call uint64, level slog.Level, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, Line{call, level, text})
	s.spoke.Broadcast()
}

// AwaitLine waits until something was logged for a call.
func (s *Services) AwaitLine(call uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !slices.ContainsFunc(s.lines, func(line Line) bool { return line.Call == call }) {
		s.spoke.Wait()
	}
}

// Lines returns what was logged for a call.
func (s *Services) Lines(call uint64) []Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	var lines []Line
	for _, line := range s.lines {
		if line.Call == call {
			lines = append(lines, line)
		}
	}
	return lines
}

// Progress implements [library.Services].
func (s *Services) Progress(call uint64, fraction float64, note string) {
	select {
	case s.ProgressOf(call) <- Progress{fraction, note}:
	default: // nobody wants that much
	}
}

// ProgressOf returns where a call's progress arrives.
func (s *Services) ProgressOf(call uint64) chan Progress {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress == nil {
		s.progress = make(map[uint64]chan Progress)
	}
	if s.progress[call] == nil {
		s.progress[call] = make(chan Progress, 16)
	}
	return s.progress[call]
}
