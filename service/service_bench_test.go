package service

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/cached"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// newTestService is the service as the server wires it by default, without the
// transport. Benchmarks get the binary's garbage collector setting too.
func newTestService(tb testing.TB) *service {
	tb.Helper()
	return newTestServiceOf(tb, task.Default())
}

func newTestServiceOf(tb testing.TB, tasks *task.Registry) *service {
	tb.Helper()
	logger := slog.New(slog.DiscardHandler)
	kept := scheduler.Config{Tasks: tasks, Logger: logger, MaxArguments: 10_000, Encode: Encode}
	switch mode := os.Getenv("TASK_SCHEDULER_TEST_MODE"); mode { // see package server, which knows more of them
	case "disk", "disk, sync always":
		kept.Store, kept.Queue = keep(tb, openEngine(tb, func(c *nats.Config) { c.Dir, c.Sync = tb.TempDir(), mode != "disk" }))
	case "nats":
		engine := openEngine(tb, func(c *nats.Config) {
			c.Outside = &nats.Outside{URLs: natstest.Start(tb, 1, natstest.Large).URLs()}
			c.Node, c.Lease = "bench", time.Minute
		})
		kept.Store, kept.Queue = keep(tb, engine)
		kept.Claims, kept.Node = engine.Claims(), "bench"
	default:
		cache, err := memory.New(memory.Config{TTL: 10 * time.Minute, Capacity: 1_000_000, Memory: 1 << 30})
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(cache.Close)
		kept.Store = cache
	}
	if _, ok := tb.(*testing.B); ok {
		const binarys = 400
		previous := debug.SetGCPercent(binarys)
		tb.Cleanup(func() { debug.SetGCPercent(previous) })
	}
	s := scheduler.New(kept)
	if kept.Queue != nil {
		if _, err := s.Restore(tb.Context(), Decode); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { // before its store is closed, or it waits for that to work again
			over, end := context.WithCancel(context.Background())
			end()
			_, _ = s.Drain(over)
		})
	}
	return newService(Config{
		Scheduler:       s,
		Tasks:           tasks,
		Logger:          logger,
		NodeID:          "bench",
		MaxMessageBytes: 4 << 20,
		MaxDependencies: 1000,
		MaxWait:         time.Minute,
	})
}

// onDisk returns a store and a queue in a directory of the test's own.
func onDisk(tb testing.TB, sync bool) (store.Store, *queue.Queue) {
	tb.Helper()
	return keep(tb, openEngine(tb, func(c *nats.Config) { c.Dir, c.Sync = tb.TempDir(), sync }))
}

// openEngine opens what keeps data, where change says.
func openEngine(tb testing.TB, change func(*nats.Config)) *nats.Engine {
	tb.Helper()
	config := nats.Config{MaxMessage: 5 << 20, TTL: 10 * time.Minute, Capacity: 1_000_000, Logger: slog.New(slog.DiscardHandler)}
	change(&config)
	engine, err := nats.Open(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(engine.Close)
	return engine
}

// keep returns a store and a queue of an engine.
func keep(tb testing.TB, engine *nats.Engine) (store.Store, *queue.Queue) {
	tb.Helper()
	tasks := queue.New(engine.Log())
	tb.Cleanup(tasks.Close)
	results, err := cached.New(engine.Results(), 10*time.Minute, 1<<20)
	if err != nil {
		tb.Fatal(err)
	}
	return results, tasks
}

// addRequest is add(1, 2, 3).
func addRequest(tb testing.TB) *pb.TaskRequest {
	tb.Helper()
	request := &pb.TaskRequest{Method: "add"}
	for i := range int32(3) {
		url, value, err := wire.Encode(task.Int32(i + 1))
		if err != nil {
			tb.Fatal(err)
		}
		request.Args = append(request.Args, &anypb.Any{TypeUrl: url, Value: value})
	}
	return request
}

// BenchmarkEngine is a call without its transport, from the request's bytes to
// the answer's: decode, look-up, run, result, encode.
func BenchmarkEngine(b *testing.B) {
	call := engineCall(b)
	b.ReportAllocs()
	for b.Loop() {
		call(b)
	}
}

// BenchmarkEngineParallel is BenchmarkEngine from all cores.
func BenchmarkEngineParallel(b *testing.B) {
	call := engineCall(b)
	b.ReportAllocs()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			call(b)
		}
	})
}

func engineCall(b *testing.B) func(*testing.B) {
	b.Helper()
	s := newTestService(b)
	in, err := proto.Marshal(addRequest(b))
	if err != nil {
		b.Fatal(err)
	}
	return func(b *testing.B) {
		state := plainStates.Get().(*plainState)
		defer state.free()
		err := s.submitPlain(b.Context(), "127.0.0.1", in, state)
		if err == nil {
			_, err = state.response.Append(state.buffer[:0])
		}
		if err != nil || state.response.Result != "6" {
			b.Error(state.response, err)
		}
	}
}

// BenchmarkMessages is what protobuf takes for the same call's two messages.
func BenchmarkMessages(b *testing.B) {
	in, err := proto.Marshal(addRequest(b))
	if err != nil {
		b.Fatal(err)
	}
	response := &pb.TaskResponse{TaskId: "0198c5f0-0000-7000-8000-000000000000", Status: pb.TaskResponse_SUCCESS, Result: "6"}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var request pb.TaskRequest
			if err := proto.Unmarshal(in, &request); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := proto.Marshal(response); err != nil {
				b.Fatal(err)
			}
		}
	})
}
