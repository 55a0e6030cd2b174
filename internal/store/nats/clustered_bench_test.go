package nats_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/queue"
)

// BenchmarkCluster is the throughput of three nodes on this machine, each with a part
// of the callers: put, outcome, done, as a detached task has them.
func BenchmarkCluster(b *testing.B) {
	for _, callers := range []int{64, 256} {
		b.Run(fmt.Sprint(callers, " callers"), func(b *testing.B) {
			engines := openAll(b, trio(b))
			queues := make([]*queue.Queue, len(engines))
			for i, e := range engines {
				queues[i] = queue.New(e.Log())
				if _, err := queues[i].Load(); err != nil {
					b.Fatal(err)
				}
			}
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			for caller := range callers {
				all.Go(func() {
					payload := make([]byte, 256)
					node := caller % len(engines)
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						keep(b, queues[node], engines[node].Results(), fmt.Sprint("id", i), payload)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
			for _, q := range queues {
				q.Close()
			}
		})
	}
}
