package service

import (
	"context"
	"sync"
	"testing"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Async(hold)

// A gate holds back a test's tasks, however busy the machine is.
type gate struct {
	began chan struct{} // gets one for each task that has come
	open  chan struct{} // closed when they may end
}

var gates sync.Map // a test's name: *gate

// hold waits for the gate of that name to open.
func hold(ctx context.Context, name string) (string, error) {
	found, _ := gates.Load(name)
	g, _ := found.(*gate)
	g.began <- struct{}{}
	select {
	case <-g.open:
		return "held", nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// newGate returns a gate and a request for a task that waits for it to open.
func newGate(t *testing.T) (*gate, *pb.TaskRequest) {
	t.Helper()
	g := &gate{began: make(chan struct{}, 8), open: make(chan struct{})}
	gates.Store(t.Name(), g)
	t.Cleanup(func() { gates.Delete(t.Name()) })
	return g, &pb.TaskRequest{TaskId: "a", Method: "hold", Args: anys(t, task.String(t.Name()))}
}
