package server

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

// BenchmarkDetachedByGRPC is a detached task of 256 bytes with data on a disk, from
// its submission to its result, both calls by grpc-go's client in this process.
func BenchmarkDetachedByGRPC(b *testing.B) {
	for _, callers := range []int{64, 256} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			s := listenTest(b, Config{DataDir: b.TempDir()})
			serve(b, s)
			conns := make([]*grpc.ClientConn, benchConnections)
			for i := range conns {
				conns[i] = dialGRPC(b, s.Addr(), nil)
			}
			request := &pb.TaskRequest{
				Method: "ping", Detached: true,
				Args: []*anypb.Any{pack(b, wrapperspb.String(strings.Repeat("x", 256)))},
			}
			var next atomic.Int64
			b.ResetTimer()
			together(callers, func(caller int) {
				for next.Add(1) <= int64(b.N) {
					detachedByGRPC(b, conns[caller%len(conns)], request)
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

func detachedByGRPC(b *testing.B, conn *grpc.ClientConn, request *pb.TaskRequest) {
	b.Helper()
	accepted, err := submit(b.Context(), conn, request)
	if err != nil {
		b.Error(err)
		return
	}
	result := new(pb.ResultResponse)
	err = conn.Invoke(b.Context(), taskschedulerpbconnect.TaskSchedulerWaitResultProcedure,
		&pb.WaitResultRequest{TaskId: accepted.GetTaskId()}, result)
	if err != nil || result.GetStatus() != pb.TaskResponse_SUCCESS {
		b.Errorf("%v, %v", result, err)
	}
}

// together calls f so many times at once, and waits.
func together(callers int, f func(caller int)) {
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() { f(caller) })
	}
	all.Wait()
}

// BenchmarkStartWithData is how long a server takes to start on a data directory,
// until it has answered a call. Only with more than one round it is filled with what
// the promise is made for: -benchtime 3x.
func BenchmarkStartWithData(b *testing.B) {
	results, tasks := 1_000_000, 100_000
	if b.N == 1 {
		results, tasks = results/1000, tasks/1000
	}
	config := Config{
		DataDir: b.TempDir(), ResultTTL: time.Hour, MaxPendingTasks: 4 * tasks, MaxPendingBytes: 1 << 30,
	}
	fillData(b, config, results, tasks)
	var took time.Duration
	b.ResetTimer()
	for range b.N {
		began := time.Now()
		s := listenTest(b, config)
		stop := serve(b, s)
		if _, err := submit(b.Context(), dialGRPC(b, s.Addr(), nil), addition(b)); err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
		if pending, _ := s.scheduler.Counts(); pending != tasks {
			b.Fatalf("%d of %d tasks are there", pending, tasks)
		}
		stop()
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s/start")
}

// fillData has a server keep results and tasks that are to start in an hour.
func fillData(b *testing.B, config Config, results, tasks int) {
	b.Helper()
	s := listenTest(b, config)
	stop := serve(b, s)
	defer stop()
	if _, err := submit(b.Context(), dialGRPC(b, s.Addr(), nil), addition(b)); err != nil { // it is ready
		b.Fatal(err)
	}
	var result, task atomic.Int64
	later := time.Now().Add(time.Hour)
	together(1000, func(int) {
		for n := result.Add(1); n <= int64(results); n = result.Add(1) {
			outcome := store.Outcome{State: store.Succeeded, Result: "6", Attempt: 1}
			if _, err := s.data.results.Create(b.Context(), fmt.Sprintf("%036d", n), outcome); err != nil {
				b.Error(err)
				return
			}
		}
		for task.Add(1) <= int64(tasks) {
			request := scheduler.Request{Method: "ping", Detached: true, StartAt: later}
			if _, err := s.scheduler.Submit(b.Context(), request); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
