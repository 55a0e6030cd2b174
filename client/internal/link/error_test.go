package link

import (
	"context"
	"errors"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

func TestWhatIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{task.Errorf(task.Unavailable, "draining"), true},
		{task.Errorf(task.ResourceExhausted, "too many tasks"), true},
		{task.Errorf(task.ResourceExhausted, "message size 5 is larger than configured max 4"), false},
		{task.Errorf(task.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)"), false},
		{task.Errorf(task.ResourceExhausted, "gRPC message exceeds maximum size 4: 5"), false},
		{task.Errorf(task.Internal, "boom"), false},
		{task.Errorf(task.InvalidArgument, "no"), false},
		{task.Errorf(task.Unavailable, "%w", &unreachableError{"host:1", errors.New("refused")}), true},
		{ContextError(context.DeadlineExceeded), false},
	} {
		if got := MayHelp(c.err); got != c.want {
			t.Errorf("%v: tried again: %v, want %v", c.err, got, c.want)
		}
	}
}
