package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Event is something that happened in a server.
type Event struct {
	Time time.Time `json:"time"`
	// Kind is one of [EventKinds].
	Kind string `json:"kind"`
	// Plugin is the plugin that it is about; for a task that ended, the one
	// that it came from.
	Plugin string `json:"plugin,omitempty"`
	// Message tells what happened, for people.
	Message string `json:"message,omitempty"`
	// Execution is the task that it is about, which ended, says something, or became
	// a dead letter; else nil.
	Execution *Execution `json:"execution,omitempty"`
	// Missed is how many events did not come before this one, because they
	// were not taken soon enough.
	Missed uint64 `json:"missed,omitempty"`
	// NodeID names the server where it happened.
	NodeID string `json:"node_id,omitempty"`
}

// Watch calls handle with each event of these kinds from now on, or with all if
// none is named, one at a time. It calls begun before, once the server has
// answered: what happens from then on is told, or why nothing is. It returns
// handle's error, or why there are no more events; that of a context that ends
// is not a surprise.
func (c *Client) Watch(ctx context.Context, kinds []string, begun func(), handle func(Event) error) error {
	wanted, err := numbers[adminpb.EventKind](kinds, EventKinds())
	if err != nil {
		return err
	}
	streaming, cancel := context.WithCancel(ctx)
	stream, err := c.rpc.WatchEvents(streaming, &adminpb.WatchEventsRequest{Kinds: wanted})
	if err != nil {
		cancel()
		return c.link.ErrorOf(ctx, err)
	}
	defer func() {
		cancel()           // else Close would read on for a while
		_ = stream.Close() // stream.Err tells what went wrong
	}()
	if len(stream.ResponseHeader()) > 0 { // it waits for it
		begun()
	}
	for stream.Receive() {
		if err := handle(newEvent(stream.Msg())); err != nil {
			return err
		}
	}
	return c.link.ErrorOf(ctx, stream.Err())
}

func newEvent(e *adminpb.WatchEventsResponse) Event {
	read := Event{
		Time:    moment(e.GetTime()),
		Kind:    word(e.GetKind(), eventKindPrefix),
		Plugin:  e.GetPlugin(),
		Message: e.GetMessage(),
		Missed:  e.GetMissed(),
		NodeID:  e.GetNodeId(),
	}
	if x := e.GetExecution(); x != nil {
		execution := newExecution(x)
		read.Execution = &execution
	}
	return read
}
