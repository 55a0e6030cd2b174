package loader

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
	"github.com/taskscheduler/taskscheduler/task"
)

// A lab is a supervisor in virtual time, with a file and processes that do what
// the test wants. It must be used in a bubble of synctest.
type lab struct {
	*supervisor

	t       *testing.T
	changes int64 // of the file

	mu      sync.Mutex
	folder  string
	content string // of the file
	copyErr error
	fail    error // why processes can't be started
	hang    bool  // they never get ready
	started []*labProcess
	events  []string
}

// inLab runs a test in a bubble, with a supervisor of a plugin "math".
func inLab(t *testing.T, test func(l *lab)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		config := &Config{
			Tasks: new(task.Registry), Logger: slog.New(slog.DiscardHandler), DrainTimeout: time.Minute,
		}
		l := &lab{t: t, folder: folder}
		report := &reporter{log: config.Logger, noted: make(map[string]bool), notify: func(e Event) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.events = append(l.events, string(e.Kind))
		}}
		drain := &drain{config: config, closing: make(chan struct{})}
		l.supervisor = newSupervisor("math", "libmath.so", config, l, drain, report)
		go l.run()
		test(l)
		l.mailbox.post(func() { l.end(stopped, "the test is over") })
		<-l.done
		drain.close(time.Second)
		for _, p := range l.started {
			<-p.exited
		}
		if tasks := config.Tasks.Tasks(); len(tasks) > 0 {
			t.Errorf("task %s was left", tasks[0].Name)
		}
	})
}

// change gives the file other contents, and tells that it has settled.
func (l *lab) change(content string) {
	l.mu.Lock()
	l.content = content
	l.mu.Unlock()
	l.changes++
	seen := file.FingerprintOf(labInfo{size: l.changes})
	l.mailbox.post(func() { l.settled(seen) })
	synctest.Wait()
}

// later lets time go by.
func (l *lab) later(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// set changes how processes start from now on.
func (l *lab) set(hang bool, fail error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hang, l.fail = hang, fail
}

// crash lets the process that serves die.
func (l *lab) crash() {
	l.t.Helper()
	i := l.current.Load()
	if i == nil {
		l.t.Fatal("nothing serves that could crash")
	}
	l.process(i).end(errTest)
	synctest.Wait()
}

// hangCall reports that a call in the process that serves does not end.
func (l *lab) hangCall() {
	l.process(l.current.Load()).stuck()
	synctest.Wait()
}

func (l *lab) process(i *instance) *labProcess { return i.child.(*labProcess) }

// ask is what an operator does; the channel gets the answer.
func (l *lab) ask(do command) <-chan answer {
	answers := make(chan answer, 1)
	l.mailbox.post(func() { l.operate(do, answers) })
	synctest.Wait()
	return answers
}

// is checks the state that operators see, and what happened since the last call.
func (l *lab) is(want State, events string) {
	l.t.Helper()
	p, _ := l.status.get()
	if p.State != want {
		l.t.Errorf("it is %s, want %s", p.State, want)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := strings.Join(l.events, " "); got != events {
		l.t.Errorf("the events are %q, want %q", got, events)
	}
	l.events = nil
}

// forget forgets the events before.
func (l *lab) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = nil
}

var errTest = errors.New("it was to fail")

func (l *lab) copyFile(ctx context.Context, _ string, _ file.Fingerprint) (*stage.Copy, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.copyErr != nil {
		return nil, l.copyErr
	}
	path := filepath.Join(l.folder, l.content, "libmath.so")
	return (&stage.Copy{Path: path, SHA256: l.content}).Hold(), ctx.Err()
}

func (l *lab) start(ctx context.Context, _ string, staged *stage.Copy, stuck func()) (childProcess, error) {
	l.mu.Lock()
	hang, fail := l.hang, l.fail
	l.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if fail != nil {
		return nil, fail
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &labProcess{content: staged.SHA256, stuck: stuck, exited: make(chan struct{})}
	l.started = append(l.started, p)
	return p, nil
}

// A labProcess is a process that ends when it is told to.
type labProcess struct {
	content string
	stuck   func()
	hangs   atomic.Bool // it doesn't answer
	once    sync.Once
	failure error
	exited  chan struct{}
}

func (p *labProcess) end(why error) {
	p.once.Do(func() {
		p.failure = why
		close(p.exited)
	})
}

func (*labProcess) Describe() library.Description {
	return library.Description{Tasks: []TaskInfo{{Name: "content"}}}
}
func (p *labProcess) Notes() []string         { return nil }
func (*labProcess) PID() int                  { return 1 }
func (*labProcess) Memory() int64             { return 0 }
func (*labProcess) Processes() []Process      { return []Process{{PID: 1}} }
func (p *labProcess) Close(context.Context)   { p.end(nil) }
func (p *labProcess) Kill(reason error)       { p.end(reason) }
func (p *labProcess) Exited() <-chan struct{} { return p.exited }
func (p *labProcess) Broken() <-chan struct{} { return p.exited }
func (p *labProcess) ExitError() error        { return p.failure }

// Call answers with the contents that the process was started with. With an
// argument it waits for the end of the process, or of ctx.
func (p *labProcess) Call(ctx context.Context, _ int, _ process.CallInfo, args []task.Value) (task.Value, error) {
	if len(args) == 0 {
		return task.String(p.content), nil
	}
	select {
	case <-p.exited:
		return task.Value{}, task.Errorf(task.Internal, "%w", process.ErrExited)
	case <-ctx.Done():
		return task.Value{}, ctx.Err()
	}
}

func (p *labProcess) Health(ctx context.Context) error {
	if p.hangs.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

// serves checks what calls are answered with.
func (l *lab) serves(content string) {
	l.t.Helper()
	found := l.config.Tasks.Lookup("math::content")
	if found == nil {
		l.t.Error("there is no task")
		return
	}
	value, err := found.Run(l.t.Context(), nil)
	if got, _ := value.Str(); err != nil || got != content {
		l.t.Errorf("got %q and %v, want %q", got, err, content)
	}
}

type labInfo struct {
	fs.FileInfo

	size int64
}

func (i labInfo) Size() int64      { return i.size }
func (labInfo) ModTime() time.Time { return time.Unix(1, 0) }
func (labInfo) Sys() any           { return nil }

// ways are how tests get a supervisor into each state.
var ways = map[State]func(l *lab){
	StateLoading: func(l *lab) {
		l.set(true, nil)
		l.change("first")
		l.set(false, nil)
	},
	StateServing: func(l *lab) { l.change("first") },
	StateRestarting: func(l *lab) {
		l.change("first")
		l.crash()
	},
	StateQuarantined: func(l *lab) {
		l.change("first")
		l.crashTimes(maxCrashes + 1)
	},
	StateUnloaded: func(l *lab) {
		l.change("first")
		<-l.ask(unload)
	},
	StateFailed: func(l *lab) {
		l.set(false, errTest)
		l.change("first")
		l.set(false, nil)
	},
}

// crashTimes lets the process crash so often, and be started again but for the last time.
func (l *lab) crashTimes(n int) {
	for i := range n {
		l.crash()
		if i < n-1 {
			l.later(longestPause / 4)
		}
	}
}

// allTransitions lists what the table has, as "state: cause".
func allTransitions() []string {
	var all []string
	for from, causes := range transitions {
		for c := range causes {
			all = append(all, fmt.Sprintf("%s: %s", from, c))
		}
	}
	slices.Sort(all)
	return all
}
