package tasktest

import (
	"context"
	"log/slog"
	"sync"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// A recorder writes down what a task says, all of it, where the server keeps the
// newest.
type recorder struct {
	mu       sync.Mutex
	over     bool
	progress []client.Progress
	log      []client.LogLine
}

// around returns a task's function with r told what it says too.
func (r *recorder) around(run task.Func) task.Func {
	return func(ctx context.Context, args []task.Value) (task.Value, error) {
		if call := task.CallOf(ctx); call.Reporter != nil {
			call.Reporter = &tee{r, call.Reporter}
			ctx = task.WithCall(ctx, call)
		}
		return run(ctx, args)
	}
}

// outcome returns what was said until now; nothing is written down any more.
func (r *recorder) outcome() Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	return Outcome{Progress: r.progress, Log: r.log}
}

// A tee is a [task.Reporter] that has a recorder listen.
type tee struct {
	recorder *recorder
	server   task.Reporter
}

// Progress implements [task.Reporter].
func (t *tee) Progress(attempt int, fraction float64, note string) {
	t.server.Progress(attempt, fraction, note)
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	if !t.recorder.over && journal.IsFraction(fraction) {
		t.recorder.progress = append(t.recorder.progress, client.Progress{Fraction: fraction, Note: journal.Text(note)})
	}
}

// Log implements [task.Reporter].
func (t *tee) Log(attempt int, level slog.Level, text string) {
	t.server.Log(attempt, level, text)
	t.recorder.mu.Lock()
	defer t.recorder.mu.Unlock()
	if !t.recorder.over {
		t.recorder.log = append(t.recorder.log, client.LogLine{Level: level, Text: journal.Text(text)})
	}
}

// kept is the store of one run.
type kept struct {
	mu       sync.Mutex
	outcomes map[string]store.Outcome
}

// Instant implements [store.Instant].
func (k *kept) Instant() {}

// Get implements [store.Store].
func (k *kept) Get(_ context.Context, id string) (o store.Outcome, ok bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	o, ok = k.outcomes[id]
	return o, ok, nil
}

// Create implements [store.Store].
func (k *kept) Create(_ context.Context, id string, o store.Outcome) (stored store.Outcome, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if there, ok := k.outcomes[id]; ok {
		return there, nil
	}
	if k.outcomes == nil {
		k.outcomes = make(map[string]store.Outcome)
	}
	k.outcomes[id] = o
	return o, nil
}
