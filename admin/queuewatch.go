package admin

import (
	"context"
	"sync"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
)

// askQueuesEvery is how old what the other nodes have said of their queues gets; a node
// that doesn't answer delays the others by askTime.
const askQueuesEvery = 2 * time.Second

// A queueWatch keeps what waits on the other nodes, for one who watches the figures:
// these go on while a node is slow to answer.
type queueWatch struct {
	mu    sync.Mutex
	known []*pb.QueuedMethod
}

// watchQueues asks the other nodes what waits, over and over, until stop is called.
func (s *service) watchQueues(ctx context.Context) (w *queueWatch, stop func()) {
	if !s.asksOthers(ctx) {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	w = new(queueWatch)
	var running sync.WaitGroup
	running.Go(func() {
		ticker := time.NewTicker(askQueuesEvery)
		defer ticker.Stop()
		for ctx.Err() == nil {
			w.ask(ctx, s)
			select {
			case <-ticker.C:
			case <-ctx.Done():
			}
		}
	})
	return w, func() {
		cancel()
		running.Wait()
	}
}

// ask asks the other nodes at once. What one said that doesn't answer is forgotten.
func (w *queueWatch) ask(ctx context.Context, s *service) {
	var known []*pb.QueuedMethod
	request := &pb.ListQueueRequest{MethodsOnly: true}
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.ListQueue) {
		if r.err == nil {
			known = append(known, r.response.GetMethods()...)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known = known
}

// methods are what waits on the other nodes; a nil watch knows of none.
func (w *queueWatch) methods() []*pb.QueuedMethod {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.known
}
