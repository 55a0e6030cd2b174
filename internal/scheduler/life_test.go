package scheduler_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// disk is what outlives a process.
type disk struct {
	log   *queuetest.Memory
	shelf *shelf
}

func newDisk() *disk {
	return &disk{log: new(queuetest.Memory), shelf: newShelf(func(string, string) error { return nil })}
}

// life is a process with a disk.
type life struct {
	*fixture

	queue *queue.Queue
	dead  *atomic.Bool
}

var errDead = errors.New("the process is dead")

// mortal is the log of a process: what it does after its death has no effect.
type mortal struct {
	queue.Log

	dead *atomic.Bool
}

func (m mortal) Append(message []byte) (uint64, error) {
	if m.dead.Load() {
		return 0, errDead
	}
	return m.Log.Append(message)
}

func (m mortal) Drop(before uint64) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Log.Drop(before)
}

// live begins a process on d, which goes on with what is there.
func (d *disk) live(t *testing.T, config scheduler.Config, prepare ...func(*life)) *life {
	t.Helper()
	l := &life{dead: new(atomic.Bool)}
	l.queue = queue.New(mortal{d.log, l.dead})
	config.Queue, config.Encode = l.queue, encode
	config.Store = &shelf{outcomes: d.shelf.outcomes, before: func(call, id string) error {
		if l.dead.Load() {
			return errDead
		}
		return d.shelf.before(call, id)
	}}
	l.fixture = newFixture(t, config)
	for _, p := range prepare {
		p(l)
	}
	if _, err := l.Restore(t.Context(), decode); err != nil {
		t.Fatal(err)
	}
	return l
}

// die ends a process as kill -9 does.
func (l *life) die(t *testing.T) {
	t.Helper()
	l.dead.Store(true)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = l.Drain(ctx) // the bubble wants its goroutines to end
	l.queue.Close()
}

// stop ends a process as it should end.
func (l *life) stop(t *testing.T) {
	t.Helper()
	if left, err := l.Drain(t.Context()); left != 0 || err != nil {
		t.Errorf("Drain: %d, %v", left, err)
	}
	l.queue.Close()
}

// source is a request that can be kept.
type source struct{ request scheduler.Request }

func (s source) Encode(deps []string) ([]byte, error) {
	r := s.request
	r.Args, r.Source = nil, nil
	r.Deps = deps
	args, _ := s.request.Args.(strs)
	return json.Marshal(struct {
		Request scheduler.Request
		Args    []string
	}{r, args.list})
}

// encode is what a source does, for a request whose arguments are decoded.
func encode(r *scheduler.Request, args []task.Value) ([]byte, error) {
	own := *r
	var list []string
	for _, arg := range args {
		text, _ := arg.Str()
		list = append(list, text)
	}
	own.Args = strs{list: list}
	return source{own}.Encode(r.Deps)
}

func decode(kept []byte) (scheduler.Request, error) {
	var read struct {
		Request struct {
			scheduler.Request
			Args, Source any
		}
		Args []string
	}
	err := json.Unmarshal(kept, &read)
	r := read.Request.Request
	r.Args = strs{list: read.Args}
	return r, err
}

// keep submits r detached. It waits long for its dependencies.
func (l *life) keep(t *testing.T, r scheduler.Request) {
	t.Helper()
	r.Detached, r.DependencyTimeout = true, 48*time.Hour
	r.Source = source{r}
	if _, err := l.Submit(t.Context(), r); err != nil {
		t.Errorf("Submit(%s): %v", r.ID, err)
	}
}

// lives runs test in a bubble.
func lives(t *testing.T, test func(t *testing.T, d *disk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newDisk()) })
}
