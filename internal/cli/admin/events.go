package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// eventsCommand shows events.
type eventsCommand struct {
	Kind  []eventKind `placeholder:"KIND" complete:"event" help:"Only events of these kinds, such as task_ended or plugin_crashed; several with commas (default: all but task_logged and audited)."`
	Limit limit       `default:"0" help:"How many to show; 0 is any number."`
}

var errEnough = errors.New("as many events as were asked for")

// Run prints events until ctx ends, which is not a failure.
func (e *eventsCommand) Run(ctx context.Context, s *Session) error {
	kinds := make([]string, len(e.Kind))
	for i, kind := range e.Kind {
		kinds[i] = string(kind)
	}
	shown := 0
	nodes, _ := s.Client.Nodes(ctx) // what is said of the server is not about them
	several := len(nodes.Nodes) > 1
	begun := func() { fmt.Fprintf(s.Err, "Watching %s. An interrupt ends it.\n", table.Line(s.Addr)) }
	err := s.Client.Watch(ctx, kinds, begun, func(event admin.Event) error {
		if err := s.event(&event, several); err != nil {
			return err
		}
		if shown++; shown == int(e.Limit) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || ctx.Err() != nil {
		return nil //nolint:nilerr // enough events, or Ctrl-C: the ends that a user asks for
	}
	if err == nil {
		err = task.Errorf(task.Unavailable, "the server has ended the stream")
	}
	return s.Failed(err)
}

// event prints one line, or two, with the node if there are several.
func (s *Session) event(event *admin.Event, several bool) error {
	event.Message = flags.In(event.Message)
	if s.JSON {
		return table.JSON(s.Out, event)
	}
	return printEvent(s.Out, event, several)
}

// clockTime is a time of the user's clock, without the day.
func clockTime(moment time.Time) string {
	return moment.Local().Format("15:04:05.000") //nolint:gosmopolitan // the user's own clock
}

// printEvent prints a line for people, and one before it when events were
// missed. It names the node if there are several.
func printEvent(w io.Writer, e *admin.Event, several bool) error {
	what := e.Message
	if e.Plugin != "" {
		what = "plugin " + e.Plugin + ": " + what
	}
	x := e.Execution
	switch {
	case x == nil:
	case x.Progress != nil:
		what = fmt.Sprintf("%s %s is at %s %s", x.Method, table.ID(x.ID), percent(x.Progress.Fraction), x.Progress.Note)
	case e.Kind == "task_logged":
		what = fmt.Sprintf("%s %s says: %s", x.Method, table.ID(x.ID), e.Message)
	default:
		what = fmt.Sprintf("%s %s %s after %s", x.Method, table.ID(x.ID), x.State, table.Duration(x.Duration.Duration))
		if x.Code != "" {
			what += ": " + failureText(x)
		}
	}
	if several {
		what += ", on " + e.NodeID
	}
	missed := ""
	if e.Missed > 0 {
		missed = fmt.Sprintf("(%d events missed)\n", e.Missed)
	}
	_, err := fmt.Fprintf(w, "%s%s  %-19s  %s\n", missed, clockTime(e.Time), table.Line(e.Kind), table.Line(what))
	return err
}
