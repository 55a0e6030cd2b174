package service

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/task"
)

// BenchmarkDetachedByThree is BenchmarkDetached by three nodes in this process, which
// keep three copies of all by servers of their own.
func BenchmarkDetachedByThree(b *testing.B) {
	nodes := newThree(b)
	argument := strings.Repeat("x", payload)
	for _, callers := range []int{64, 256} {
		b.Run(fmt.Sprintf("%d callers", callers), func(b *testing.B) {
			var next atomic.Int64
			var all sync.WaitGroup
			for i := range callers {
				all.Go(func() {
					for next.Add(1) <= int64(b.N) {
						detachedTask(b, nodes[i%len(nodes)], argument)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

func newThree(b *testing.B) []*scheduler.Scheduler {
	b.Helper()
	addrs := []string{natstest.FreeAddr(b), natstest.FreeAddr(b), natstest.FreeAddr(b)}
	engines := make([]*nats.Engine, len(addrs))
	var opening sync.WaitGroup
	for i, addr := range addrs {
		config := nats.Config{
			Dir: b.TempDir(), Node: fmt.Sprint("node-", i), Lease: time.Minute, MaxMessage: 5 << 20, TTL: 10 * time.Minute, Capacity: 1_000_000,
			Logger: slog.New(slog.DiscardHandler), Cluster: &nats.Cluster{Listen: addr, Join: addrs},
		}
		opening.Go(func() {
			var err error
			if engines[i], err = nats.Open(b.Context(), config); err != nil {
				b.Error(err)
			}
		})
	}
	opening.Wait()
	if b.Failed() {
		b.FailNow()
	}
	nodes := make([]*scheduler.Scheduler, len(engines))
	for i, engine := range engines {
		b.Cleanup(engine.Close)
		results, tasks := keep(b, engine)
		nodes[i] = scheduler.New(scheduler.Config{
			Tasks: task.Default(), Logger: slog.New(slog.DiscardHandler), Store: results, Queue: tasks, Encode: Encode,
			Claims: engine.Claims(), Node: fmt.Sprint("node-", i),
		})
		if _, err := nodes[i].Restore(b.Context(), Decode); err != nil {
			b.Fatal(err)
		}
	}
	return nodes
}
