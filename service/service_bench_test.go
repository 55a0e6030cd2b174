package service

import (
	"log/slog"
	"runtime/debug"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
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
	cache, err := memory.New(memory.Config{TTL: 10 * time.Minute, Capacity: 1_000_000, Memory: 1 << 30})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(cache.Close)
	if _, ok := tb.(*testing.B); ok {
		const binarys = 400
		previous := debug.SetGCPercent(binarys)
		tb.Cleanup(func() { debug.SetGCPercent(previous) })
	}
	logger := slog.New(slog.DiscardHandler)
	return newService(Config{
		Scheduler:       scheduler.New(scheduler.Config{Tasks: tasks, Store: cache, Logger: logger, MaxArguments: 10_000}),
		Tasks:           tasks,
		Logger:          logger,
		NodeID:          "bench",
		MaxMessageBytes: 4 << 20,
		MaxDependencies: 1000,
		MaxWait:         time.Minute,
	})
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
