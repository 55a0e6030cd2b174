package nats_test

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, natstest.LeftRunning()...) }

// modes are the ways to keep things on a disk.
var modes = map[string]bool{"embedded": false, "embedded, sync always": true}

func config(dir string, sync bool) nats.Config {
	return nats.Config{
		Dir: dir, Sync: sync, MaxMessage: 5 << 20, TTL: time.Hour, Capacity: 1_000_000,
		Logger: slog.New(slog.DiscardHandler),
	}
}

func open(tb testing.TB, config nats.Config) *nats.Engine {
	tb.Helper()
	engine, err := nats.Open(tb.Context(), config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(engine.Close)
	return engine
}

func TestStoreConformance(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) store.Store {
				t.Helper()
				return open(t, config(t.TempDir(), sync)).Results()
			})
		})
	}
}

func TestQueueConformance(t *testing.T) {
	for name, sync := range modes {
		t.Run(name, func(t *testing.T) {
			queuetest.Run(t, func(t *testing.T) queuetest.Opener {
				t.Helper()
				dir := t.TempDir()
				return func() (queue.Log, func()) {
					engine, err := nats.Open(t.Context(), config(dir, sync))
					if err != nil {
						t.Fatal(err)
					}
					return engine.Log(), engine.Close
				}
			})
		})
	}
}

// One node's throughput: put, outcome, done, as a detached task has them.
func BenchmarkKeep(b *testing.B) {
	for name, sync := range modes {
		for _, callers := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("%s/%d callers", name, callers), func(b *testing.B) {
				engine := open(b, config(b.TempDir(), sync))
				tasks := queue.New(engine.Log())
				if _, err := tasks.Load(); err != nil {
					b.Fatal(err)
				}
				defer tasks.Close()
				var next atomic.Int64
				var all sync2
				b.ResetTimer()
				for range callers {
					all.Go(func() {
						payload := make([]byte, 256)
						for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
							keep(b, tasks, engine.Results(), fmt.Sprint("id", i), payload)
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
			})
		}
	}
}

type sync2 = sync.WaitGroup

func keep(b *testing.B, q *queue.Queue, s store.Store, id string, request []byte) {
	b.Helper()
	kept := make(chan *queue.Entry, 1)
	q.Put([]queue.Record{{ID: id, Request: request}}, func(entries []*queue.Entry, err error) {
		if err != nil {
			b.Error(err)
			kept <- nil
			return
		}
		kept <- entries[0]
	})
	entry := <-kept
	if entry == nil {
		return
	}
	if _, err := s.Create(b.Context(), id, store.Outcome{State: store.Succeeded, Result: "x"}); err != nil {
		b.Error(err)
	}
	q.Done(entry)
}
