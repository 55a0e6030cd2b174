package admin

import (
	"context"
	"sync"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// lookEvery is how often it is looked whether there are nodes whose events are not
// watched: new ones, and those that were gone.
const lookEvery = time.Second

// watchOthers returns the events of the other nodes, until stop is called. Those that
// happen while a node can't be reached are missing.
func (s *service) watchOthers(
	ctx context.Context, request *pb.WatchEventsRequest,
) (events <-chan *pb.WatchEventsResponse, stop func()) {
	if !s.asksOthers(ctx) {
		return nil, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &nodesWatch{service: s, request: request, events: make(chan *pb.WatchEventsResponse), watched: make(map[string]bool)}
	w.running.Go(func() { w.run(ctx) })
	return w.events, func() {
		cancel()
		w.running.Wait()
	}
}

// nodesWatch is the watch of all other nodes.
type nodesWatch struct {
	service *service
	request *pb.WatchEventsRequest
	events  chan *pb.WatchEventsResponse
	running sync.WaitGroup

	mu      sync.Mutex
	watched map[string]bool
}

func (w *nodesWatch) run(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		living, _ := w.service.others(ctx)
		for _, node := range living {
			if w.begin(node) {
				w.running.Go(func() { w.watch(ctx, node) })
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// begin reports whether a node is not watched yet.
func (w *nodesWatch) begin(node string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.watched[node]
	w.watched[node] = true
	return !before
}

// watch passes a node's events on as long as it tells them.
func (w *nodesWatch) watch(ctx context.Context, node string) {
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watched, node)
	}()
	client, ctx := w.service.node(ctx, node)
	stream, err := client.WatchEvents(ctx, w.request)
	if err != nil {
		return // it is tried again
	}
	defer func() { _ = stream.Close() }() // an error is that of the stream, which is over
	for stream.Receive() {
		select {
		case w.events <- stream.Msg():
		case <-ctx.Done():
			return
		}
	}
}
