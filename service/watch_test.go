package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// talker is a service with an async task "talk" that does what a test says, and
// returns once that is nil.
type talker struct {
	*service

	client taskschedulerpbconnect.TaskSchedulerClient
	begun  chan struct{}
	does   chan func(ctx context.Context) error
}

func newTalker(t *testing.T, options ...connect.ClientOption) *talker {
	t.Helper()
	talk := &talker{begun: make(chan struct{}, 10), does: make(chan func(context.Context) error)}
	registry := new(task.Registry)
	said, err := task.NewAsync(func(ctx context.Context) (string, error) {
		talk.begun <- struct{}{}
		for {
			select {
			case do := <-talk.does:
				if do == nil {
					return "done", nil
				}
				if err := do(ctx); err != nil {
					return "", err
				}
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	}, task.Name("talk"))
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range append(task.Default().Tasks(), said) {
		if err := registry.Add(each); err != nil {
			t.Fatal(err)
		}
	}
	talk.service = newTestServiceOf(t, registry)
	talk.client = taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, talk.service), options...)
	return talk
}

// say has the task do it, and returns when it has.
func (k *talker) say(do func(ctx context.Context)) {
	done := make(chan struct{})
	k.does <- func(ctx context.Context) error {
		defer close(done)
		do(ctx)
		return nil
	}
	<-done
}

// begin submits the task, detached, and returns when it runs.
func (k *talker) begin(t *testing.T, id string) {
	t.Helper()
	if _, err := k.client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: id, Method: "talk", Detached: true}); err != nil {
		t.Fatal(err)
	}
	<-k.begun
}

func (k *talker) watch(t *testing.T, id string, after uint64) *connect.ServerStreamForClient[pb.TaskEvent] {
	t.Helper()
	stream, err := k.client.WatchTask(t.Context(), &pb.WatchTaskRequest{TaskId: id, After: after})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stream.Close() })
	return stream
}

// next returns an event as text, without its time, which it must have.
func next(t *testing.T, stream *connect.ServerStreamForClient[pb.TaskEvent]) string {
	t.Helper()
	if !stream.Receive() {
		t.Fatalf("no event: %v", stream.Err())
	}
	e := stream.Msg()
	if e.GetTime().AsTime().Unix() <= 0 {
		t.Errorf("no time: %v", e)
	}
	e.Time = nil
	b, err := protojson.MarshalOptions{EmitUnpopulated: false}.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer // protojson puts in blanks at random
	if err := json.Compact(&compact, b); err != nil {
		t.Fatal(err)
	}
	return compact.String()
}

func wantEvents(t *testing.T, stream *connect.ServerStreamForClient[pb.TaskEvent], events ...string) {
	t.Helper()
	for _, want := range events {
		if got := next(t, stream); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func wantNoMore(t *testing.T, stream *connect.ServerStreamForClient[pb.TaskEvent]) {
	t.Helper()
	if stream.Receive() || stream.Err() != nil {
		t.Errorf("got %v, %v; want the stream's end", stream.Msg(), stream.Err())
	}
}

const (
	pendingEvent = `{"number":"1","status":"PENDING"}`
	runningEvent = `{"number":"2","status":"RUNNING"}`
)

func TestATaskIsWatchedFromTheBeginningToItsEnd(t *testing.T) {
	for name, option := range map[string]connect.ClientOption{
		"gRPC": connect.WithGRPC(), "gRPC-Web": connect.WithGRPCWeb(), "Connect": connect.WithProtoJSON(),
	} {
		t.Run(name, func(t *testing.T) {
			k := newTalker(t, option)
			k.begin(t, "a")
			stream := k.watch(t, "a", 0)
			wantEvents(t, stream, pendingEvent, runningEvent)
			k.say(func(ctx context.Context) { task.Progress(ctx, 0.5, "half") })
			wantEvents(t, stream, `{"number":"3","progress":{"fraction":0.5,"note":"half"}}`)
			k.say(func(ctx context.Context) { task.Logger(ctx).Warn("slow", "disk", 2) })
			wantEvents(t, stream, `{"number":"4","log":{"level":4,"text":"slow disk=2"}}`)
			k.does <- nil
			const end = `{"number":"5","ended":{"status":"SUCCESS","result":"done","nodeId":"bench","attempt":1}}`
			wantEvents(t, stream, end)
			wantNoMore(t, stream)

			wantEvents(t, k.watch(t, "a", 0), pendingEvent, runningEvent) // and again, when it has ended
			resumed := k.watch(t, "a", 3)
			wantEvents(t, resumed, `{"number":"4","log":{"level":4,"text":"slow disk=2"}}`)
			wantEvents(t, resumed, end)
			wantNoMore(t, resumed)
			wantNoMore(t, k.watch(t, "a", 5))
		})
	}
}

func TestTheResultIsThereWhenATaskIsSaidToHaveEnded(t *testing.T) {
	k := newTalker(t)
	for i := range 50 {
		id := fmt.Sprint("task ", i)
		k.begin(t, id)
		stream := k.watch(t, id, 2)
		k.does <- nil
		for stream.Receive() && stream.Msg().GetEnded() == nil {
			continue
		}
		state, err := k.client.GetResult(t.Context(), &pb.ResultRequest{TaskId: id})
		if err != nil || state.GetStatus() != pb.TaskResponse_SUCCESS {
			t.Fatalf("after the end: %v, %v", state, err)
		}
	}
}

func TestATaskThatNobodyWatchedIsWatchedWhenItHasEnded(t *testing.T) {
	k := newTalker(t)
	if _, err := k.client.SubmitTask(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "ping"}); err != nil {
		t.Fatal(err)
	}
	stream := k.watch(t, "a", 0)
	if !stream.Receive() {
		t.Fatal(stream.Err())
	}
	if e := stream.Msg(); e.GetNumber() != 3 || e.GetEnded().GetResult() != "pong" {
		t.Errorf("got %v", e)
	}
	wantNoMore(t, stream)
	wantNoMore(t, k.watch(t, "a", 3))
}

func TestACancelledTaskIsWatched(t *testing.T) {
	k := newTalker(t)
	k.begin(t, "a")
	stream := k.watch(t, "a", 0)
	wantEvents(t, stream, pendingEvent, runningEvent)
	if _, err := k.client.CancelTask(t.Context(), &pb.CancelRequest{TaskId: "a"}); err != nil {
		t.Fatal(err)
	}
	if !stream.Receive() || stream.Msg().GetEnded().GetStatus() != pb.TaskResponse_CANCELLED ||
		stream.Msg().GetEnded().GetErrorCode() != uint32(task.Cancelled) {
		t.Errorf("got %v, %v", stream.Msg(), stream.Err())
	}
	wantNoMore(t, stream)
}

func TestNobodyWatchesWhatIsNotKnown(t *testing.T) {
	k := newTalker(t)
	stream := k.watch(t, "a", 0)
	if stream.Receive() {
		t.Errorf("got %v", stream.Msg())
	}
	wantCode(t, stream.Err(), connect.CodeNotFound, `no task "a" is known`)
}

// TestWhoHasSeenMoreThanThereCanBe is refused, whether the task runs or has ended;
// any other number is followed by the task's end.
func TestWhoHasSeenMoreThanThereCanBe(t *testing.T) {
	k := newTalker(t)
	k.begin(t, "a")
	refused := func() {
		for _, after := range []uint64{1 << 53, math.MaxUint64} {
			stream := k.watch(t, "a", after)
			if stream.Receive() {
				t.Errorf("got %v", stream.Msg())
			}
			wantCode(t, stream.Err(), connect.CodeInvalidArgument, fmt.Sprintf("after %d: no event has such a number", after))
		}
	}
	refused()
	stream := k.watch(t, "a", 1<<53-1)
	k.does <- nil
	if !stream.Receive() || stream.Msg().GetEnded().GetResult() != "done" {
		t.Errorf("got %v, %v", stream.Msg(), stream.Err())
	}
	wantNoMore(t, stream)
	refused()
}

func TestWatchersAreBounded(t *testing.T) {
	k := newTalker(t)
	k.config.MaxWatchers = 5
	k.client = taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+start(t, k.service))
	k.begin(t, "a")
	var open []*connect.ServerStreamForClient[pb.TaskEvent]
	for range 4 {
		stream := k.watch(t, "a", 0)
		wantEvents(t, stream, pendingEvent)
		open = append(open, stream)
	}
	refused := k.watch(t, "a", 0)
	if refused.Receive() {
		t.Errorf("got %v", refused.Msg())
	}
	wantCode(t, refused.Err(), connect.CodeResourceExhausted, "this client watches 4 tasks, its share of the 5 that may be")
	k.does <- nil
	for _, stream := range open {
		for stream.Receive() {
			continue
		}
	}
	wantEvents(t, k.watch(t, "a", 0), pendingEvent)
}

// TestManyWatchOneTask: each sees the end, and the last progress that there was.
func TestManyWatchOneTask(t *testing.T) {
	k := newTalker(t)
	k.begin(t, "a")
	var watchers sync.WaitGroup
	for range 200 {
		stream := k.watch(t, "a", 0)
		watchers.Go(func() {
			var last, before *pb.TaskEvent
			for stream.Receive() {
				before, last = last, stream.Msg()
			}
			if last.GetEnded().GetResult() != "done" || before.GetProgress().GetFraction() != 1 {
				t.Errorf("at last %v, then %v, %v", before, last, stream.Err())
			}
		})
	}
	k.say(func(ctx context.Context) {
		for i := range 100_000 {
			task.Progress(ctx, float64(i+1)/100_000, "on and on")
		}
	})
	k.does <- nil
	watchers.Wait()
}
