package server

import (
	"context"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

type taskWatcher = connect.ServerStreamForClient[pb.TaskEvent]

// watchTask watches a task by every protocol, each until the test ends.
func (b *adminBench) watchTask(t *testing.T, id string) map[string]*taskWatcher {
	t.Helper()
	watchers := make(map[string]*taskWatcher)
	for name, way := range map[string]struct {
		version int
		option  connect.ClientOption
	}{
		"gRPC": {2, connect.WithGRPC()}, "gRPC-Web": {1, connect.WithGRPCWeb()},
		"Connect": {1, connect.WithProtoJSON()}, "Connect on HTTP/2": {2, connect.WithSendGzip()},
	} {
		client := taskschedulerpbconnect.NewTaskSchedulerClient(newTransport(t, way.version, nil), baseURL(b.Addr(), false), way.option)
		stream, err := client.WatchTask(t.Context(), &pb.WatchTaskRequest{TaskId: id})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stream.Close() })
		for _, want := range []pb.TaskResponse_Status{pb.TaskResponse_PENDING, pb.TaskResponse_RUNNING} {
			if !stream.Receive() {
				t.Fatalf("%s: %v", name, stream.Err())
			}
			if got, ok := stream.Msg().GetEvent().(*pb.TaskEvent_Status); !ok || got.Status != want {
				t.Fatalf("%s: got %v, want %v", name, stream.Msg(), want)
			}
		}
		watchers[name] = stream
	}
	return watchers
}

// TestWatchersAreToldTheEndWhileTheServerDrains: those whose task ends in time
// get its result, the others that the server cut it off.
func TestWatchersAreToldTheEndWhileTheServerDrains(t *testing.T) {
	for name, inTime := range map[string]bool{"in time": true, "cut off": false} {
		t.Run(name, func(t *testing.T) {
			b := newAdminBench(t, func(cfg *Config) {
				cfg.DrainTimeout = 50 * time.Millisecond
				if inTime {
					cfg.DrainTimeout = time.Minute
				}
			})
			b.running(t, "a")
			watchers := b.watchTask(t, "a")
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				b.stop()
			}()
			if inTime {
				for taken := error(nil); taken == nil; { // until it drains
					_, taken = b.tasks(t.Context(), addition(t))
				}
				b.hold.release()
			}
			for name, stream := range watchers {
				if !stream.Receive() {
					if keeps := os.Getenv(testMode) != ""; inTime || !keeps || connect.CodeOf(stream.Err()) != connect.CodeUnavailable {
						t.Errorf("%s: %v", name, stream.Err()) // one that is kept goes on after a restart
					}
					continue
				}
				end := stream.Msg().GetEnded()
				if inTime && end.GetResult() != "held" || !inTime && end.GetErrorCode() != uint32(task.Unavailable) {
					t.Errorf("%s: got %v", name, stream.Msg())
				}
				if stream.Receive() || stream.Err() != nil {
					t.Errorf("%s: after the end came %v, %v", name, stream.Msg(), stream.Err())
				}
			}
			<-stopped
		})
	}
}

// TestWatchersWhoTakeNothingHoldLittle: a task that says a lot, watched by
// clients who don't read, is neither slowed down nor gathered for them.
func TestWatchersWhoTakeNothingHoldLittle(t *testing.T) {
	b := newAdminBench(t, func(cfg *Config) { cfg.TaskLogMemory = 1 << 20 })
	watched := make(chan struct{})
	flood, err := task.NewAsync(func(ctx context.Context) {
		<-watched
		for i := range 50_000 {
			text := strings.Repeat("w", 1000)
			task.Logger(ctx).Debug(text)
			task.Progress(ctx, float64(i)/50_000, text)
		}
	}, task.Name("flood"))
	if err == nil {
		err = b.hold.tasks.Add(flood)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.tasks(t.Context(), &pb.TaskRequest{TaskId: "a", Method: "flood", Detached: true}); err != nil {
		t.Fatal(err)
	}
	client := newTransport(t, 1, nil)
	const message = `{"taskId":"a"}`
	for range 20 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			baseURL(b.Addr(), false)+taskschedulerpbconnect.TaskSchedulerWatchTaskProcedure,
			strings.NewReader("\x00\x00\x00\x00"+string(rune(len(message)))+message))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/connect+json")
		response, err := client.Do(request)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response, err)
		}
		t.Cleanup(func() { _ = response.Body.Close() }) // and nobody reads it
	}
	before := liveHeap()
	close(watched)
	state, err := newConnect(newTransport(t, 2, nil), baseURL(b.Addr(), false)).
		WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: "a", TimeoutMs: 300_000}) // on a busy machine
	if err != nil || state.GetStatus() != pb.TaskResponse_SUCCESS {
		t.Errorf("the flood: %v, %v", state, err)
	}
	if grown := int64(liveHeap() - before); grown > 16<<20 { // of 100 MB that were said
		t.Errorf("the server has grown by %d KiB", grown>>10)
	}
}

func liveHeap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
