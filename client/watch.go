package client

import (
	"context"
	"iter"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// An Event is something that happened to a task: it has reached State, or one of
// the pointers says what.
type Event struct {
	// Number counts the task's events from 1. Those that are missing are not kept any
	// more: of what a task says much of, the newest.
	Number uint64
	// Time is when it happened; zero when that isn't known any more.
	Time     time.Time
	State    State // StateUnknown if the event is of another kind
	Progress *Progress
	Log      *LogLine
	// Ended is what became of the task, as [Client.Result] tells it: the last event.
	Ended *Result
}

// Progress is how far a task says it is.
type Progress struct {
	Fraction float64 // from 0 to 1
	Note     string
}

// A LogLine is a line that a task has logged.
type LogLine struct {
	Level slog.Level
	Text  string
}

// Watch follows what happens to a task, from its beginning on, until it has ended
// or ctx has. That the task failed is no error of this call: the last event tells.
// When the connection breaks, it goes on behind the last event as soon as there is
// one again, as often as [Config] says without one event more. After an error
// nothing follows; a task that the server does not know is NOT_FOUND.
//
//	for event, err := range c.Watch(ctx, id) {
func (c *Client) Watch(ctx context.Context, id string) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		w := watch{client: c, id: id, yield: yield}
		for more := true; more; {
			more = false
			err := c.backoff.do(ctx, func() error {
				before := w.last
				err := w.follow(ctx)
				if more = w.last > before && link.MayHelp(err); more {
					return nil // the attempts are counted anew
				}
				return err
			})
			if err != nil {
				yield(Event{}, failureOf("", id, err))
			}
		}
	}
}

// A watch is one loop over a task's events, whatever connections it takes.
type watch struct {
	client *Client
	id     string
	yield  func(Event, error) bool
	last   uint64 // event
}

// follow hands out the events that come over one connection. It returns nil if none
// is to follow.
func (w *watch) follow(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	request := &taskschedulerpb.WatchTaskRequest{TaskId: w.id, After: w.last}
	stream, err := w.client.rpc.WatchTask(ctx, request)
	if err != nil {
		return w.client.link.ErrorOf(ctx, err)
	}
	defer func() {
		cancel() // else closing would read on
		_ = stream.Close()
	}()
	for stream.Receive() {
		event := w.event(stream.Msg())
		if event.Number <= w.last && event.Ended == nil {
			continue
		}
		w.last = event.Number
		if !w.yield(event, nil) {
			return nil
		}
		if event.Ended != nil {
			stream.Receive() // the stream's own end, which leaves the connection to others
			return nil
		}
	}
	if err := stream.Err(); err != nil {
		return w.client.link.ErrorOf(ctx, err)
	}
	return w.end(ctx)
}

// end hands out the last event, for a server that has none after the last that was
// seen: of what it still had then, it kept the result alone.
func (w *watch) end(ctx context.Context) error {
	result, err := w.client.Result(ctx, w.id)
	switch {
	case err != nil:
		return err
	case !result.State.Ended():
		return task.Errorf(task.Unavailable, "the server ended the stream before the task has ended")
	}
	w.yield(Event{Number: w.last + 1, Ended: &result}, nil)
	return nil
}

func (w *watch) event(message *taskschedulerpb.TaskEvent) Event {
	event := Event{Number: message.GetNumber()}
	if at := message.GetTime(); at != nil {
		event.Time = at.AsTime()
	}
	switch what := message.GetEvent().(type) {
	case *taskschedulerpb.TaskEvent_Status:
		event.State = stateOf(what.Status)
	case *taskschedulerpb.TaskEvent_Progress:
		event.Progress = &Progress{what.Progress.GetFraction(), what.Progress.GetNote()}
	case *taskschedulerpb.TaskEvent_Log:
		event.Log = &LogLine{slog.Level(what.Log.GetLevel()), what.Log.GetText()}
	case *taskschedulerpb.TaskEvent_Ended:
		ended := resultOf(w.id, what.Ended)
		event.Ended = &ended
	}
	return event
}
