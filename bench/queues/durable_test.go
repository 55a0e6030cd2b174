package queues

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/cached"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/service"
	"github.com/taskscheduler/taskscheduler/task"
)

// payload is what a job carries, in bytes, and jobCallers is how many goroutines for each
// core submit jobs one by one.
var payload = strings.Repeat("x", 256)

const jobCallers = 32

// arguments are those of a job.
type arguments []task.Value

func (a arguments) Decode(int) (args []task.Value, size int, err error) { return a, len(payload), nil }

func (arguments) Drop() {}

// benchmarkDisk submits to a scheduler that keeps tasks and results on a disk, as a server
// with a data directory does, and waits until all have ended. synced: nothing is told
// before the disk has it, as River's PostgreSQL does; else that is each ten seconds.
func benchmarkDisk(b *testing.B, synced bool) {
	b.Helper()
	engine, err := nats.Open(b.Context(), nats.Config{
		Dir: b.TempDir(), Sync: synced, MaxMessage: 5 << 20, TTL: 10 * time.Minute, Capacity: 1_000_000,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	kept, err := cached.New(engine.Results(), 10*time.Minute, 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	tasks := queue.New(engine.Log())
	defer tasks.Close()
	sink, err := task.NewSync(func(string) string { return "" }, task.Name("nothing"))
	if err != nil {
		b.Fatal(err)
	}
	registry := new(task.Registry)
	if err := registry.Add(sink); err != nil {
		b.Fatal(err)
	}
	var ended sync.WaitGroup
	s := scheduler.New(scheduler.Config{
		Tasks: registry, Store: kept, Queue: tasks, Encode: service.Encode, MaxPending: maxPending,
		Logger: slog.New(slog.DiscardHandler), Ended: func(scheduler.Execution) { ended.Done() },
	})
	if _, err := s.Restore(b.Context(), service.Decode); err != nil {
		b.Fatal(err)
	}
	defer func() { _, _ = s.Drain(b.Context()) }()
	b.Run("jobs", func(b *testing.B) {
		request := scheduler.Request{Method: "nothing", Detached: true, Args: arguments{task.String(payload)}}
		b.SetParallelism(jobCallers)
		measureTasks(b, func(p *testing.PB) error {
			for p.Next() {
				ended.Add(1)
				if _, err := s.Submit(b.Context(), request); err != nil {
					return err
				}
			}
			return nil
		}, ended.Wait)
	})
}
