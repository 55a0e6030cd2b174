package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// narrator is a server with a task "narrate" that does what a test tells it, until
// it is told the end.
type narrator struct {
	addr  string
	steps chan func(ctx context.Context) (end error)
}

// errDone ends the task with success.
var errDone = errors.New("done")

func newNarrator(t *testing.T) *narrator {
	t.Helper()
	n := &narrator{steps: make(chan func(context.Context) error)}
	narrate, err := task.NewAsync(func(ctx context.Context) (string, error) {
		for {
			select {
			case step := <-n.steps:
				if err := step(ctx); errors.Is(err, errDone) {
					return "the end", nil
				} else if err != nil {
					return "", err
				}
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	}, task.Name("narrate"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := new(task.Registry)
	if err := tasks.Add(narrate); err != nil {
		t.Fatal(err)
	}
	n.addr = startServer(t, server.Config{Tasks: tasks})
	return n
}

func (n *narrator) log(text string) {
	n.steps <- func(ctx context.Context) error {
		task.Logger(ctx).WarnContext(ctx, text, "with", 1)
		return nil
	}
}

func (n *narrator) progress(fraction float64, note string) {
	n.steps <- func(ctx context.Context) error {
		task.Progress(ctx, fraction, note)
		return nil
	}
}

func (n *narrator) end(err error) { n.steps <- func(context.Context) error { return err } }

// submit submits the task.
func submit(t *testing.T, c *client.Client) (id string) {
	t.Helper()
	id, err := c.Submit(t.Context(), client.Task{Method: "narrate"})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// said is an event in a word.
func said(e client.Event) string {
	switch {
	case e.Progress != nil:
		return fmt.Sprintf("%v %s", e.Progress.Fraction, e.Progress.Note)
	case e.Log != nil:
		return fmt.Sprintf("%v %s", e.Log.Level, e.Log.Text)
	case e.Ended != nil:
		if err := e.Ended.Err(); err != nil {
			return fmt.Sprintf("%v: %v", e.Ended.State, err)
		}
		return fmt.Sprintf("%v %s", e.Ended.State, e.Ended.Text)
	default:
		return e.State.String()
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		end  error
		want string
	}{
		{errDone, "SUCCESS the end"}, {task.Errorf(task.FailedPrecondition, "no"), "FAILED: no"},
	} {
		n := newNarrator(t)
		c := connect(t, n.addr, nil)
		id := submit(t, c)
		n.log("hello")
		var got []string
		last := uint64(0)
		for event, err := range c.Watch(t.Context(), id) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Number <= last || event.Time.IsZero() {
				t.Errorf("event %d at %v after event %d", event.Number, event.Time, last)
			}
			last = event.Number
			got = append(got, said(event))
			switch {
			case event.Log != nil:
				n.progress(0.5, "half")
			case event.Progress != nil:
				n.end(test.end)
			}
		}
		if want := []string{"PENDING", "RUNNING", "WARN hello with=1", "0.5 half", test.want}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		// Once more when it has ended.
		for event, err := range c.Watch(t.Context(), id) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Ended != nil {
				got = []string{said(event)}
			}
		}
		if !slices.Equal(got, []string{test.want}) {
			t.Errorf("later: got %q", got)
		}
	}
}

// TestWatchGoesOn over another connection, and tells nothing twice.
func TestWatchGoesOn(t *testing.T) {
	t.Parallel()
	n := newNarrator(t)
	proxy := newProxy(t, n.addr)
	direct, c := connect(t, n.addr, nil), connect(t, proxy.addr, func(cfg *client.Config) { cfg.Attempts = 2 })
	id := submit(t, direct)
	n.log("0")
	const breaks = 5 // more than attempts
	var got []string
	for event, err := range c.Watch(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, said(event))
		if event.Log == nil {
			continue
		}
		lines := len(got) - 2
		if lines > breaks {
			n.end(errDone)
			continue
		}
		proxy.cut()
		n.log(fmt.Sprint(lines))
	}
	want := []string{"PENDING", "RUNNING"}
	for i := range breaks + 1 {
		want = append(want, fmt.Sprintf("WARN %d with=1", i))
	}
	if want = append(want, "SUCCESS the end"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWatchOfNobody(t *testing.T) {
	t.Parallel()
	n := newNarrator(t)
	c := connect(t, n.addr, nil)
	events := 0
	for _, err := range c.Watch(t.Context(), "nobody's") {
		events++
		wantFailure(t, err, task.NotFound, "nobody's")
		if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.ID != "nobody's" {
			t.Errorf("got %#v, want the id", err)
		}
	}
	if events != 1 {
		t.Errorf("%d times, want once", events)
	}
}

func TestWatchEndsWithItsContextAndItsLoop(t *testing.T) {
	t.Parallel()
	n := newNarrator(t)
	c := connect(t, n.addr, nil)
	id := submit(t, c)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for event, err := range c.Watch(ctx, id) {
		if last = err; event.State == client.StateRunning {
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", last)
	}
	for event, err := range c.Watch(t.Context(), id) {
		if err != nil || event.Number != 1 {
			t.Errorf("got %+v, %v, want the first event", event, err)
		}
		break
	}
	// It goes on, whoever has left.
	n.log("still here")
	n.end(errDone)
	if result, err := c.Wait(t.Context(), id); err != nil || result.Text != "the end" {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestWatchGivesUp(t *testing.T) {
	t.Parallel()
	n := newNarrator(t)
	proxy := newProxy(t, n.addr)
	direct, c := connect(t, n.addr, nil), connect(t, proxy.addr, func(cfg *client.Config) { cfg.Attempts = 3 })
	id := submit(t, direct)
	var last error
	for event, err := range c.Watch(t.Context(), id) {
		if last = err; event.State == client.StateRunning {
			proxy.close()
		}
	}
	wantUnreachable(t, last)
	// A server that has no WatchTask, as the predecessor's, is asked once.
	server := &script{}
	for _, err := range connect(t, server.start(t), nil).Watch(t.Context(), "x") {
		wantFailure(t, err, task.Code(12), "")
	}
}

func TestEventsOfTheServersLog(t *testing.T) {
	t.Parallel()
	n := newNarrator(t)
	c := connect(t, n.addr, nil)
	id := submit(t, c)
	n.steps <- func(ctx context.Context) error {
		task.Logger(ctx).Log(ctx, slog.LevelError+1, "bad")
		return errDone
	}
	for event, err := range c.Watch(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Log != nil && (event.Log.Level != slog.LevelError+1 || event.Log.Text != "bad") {
			t.Errorf("got %+v", event.Log)
		}
	}
}

// TestWatchOfATaskWhoseEventsAreGone: a server that keeps the result alone may have
// nothing to send behind the last event that was seen.
func TestWatchOfATaskWhoseEventsAreGone(t *testing.T) {
	t.Parallel()
	server := &script{result: &taskschedulerpb.ResultResponse{Status: taskschedulerpb.TaskResponse_SUCCESS, Result: "the end"}}
	var last client.Event
	for event, err := range connect(t, server.start(t), nil).Watch(t.Context(), "x") {
		if err != nil {
			t.Fatal(err)
		}
		last = event
	}
	if last.Ended == nil || last.Ended.Text != "the end" {
		t.Errorf("got %+v; want the result", last)
	}
}
