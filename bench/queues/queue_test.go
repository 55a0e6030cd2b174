package queues

import (
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxPending is how many tasks may be pending wherever that is bounded: the
// scheduler's default.
const maxPending = 100_000

// BenchmarkQueue hands over b.N tasks that do nothing and waits until all are
// done: to this project's scheduler, detached and with results kept; to worker
// pools, which have neither ids nor, but for one, results; and to job queues
// that keep their jobs in a database of their own. README.md says more of what
// is unlike.
func BenchmarkQueue(b *testing.B) {
	b.Run("scheduler", benchmarkScheduler)
	b.Run("goroutines", func(b *testing.B) {
		submitAll(b, func(work func()) error { go work(); return nil })
	})
	b.Run("ants", func(b *testing.B) {
		pool, err := ants.NewPool(maxPending) // it has no queue: a task waits for nothing or for its submission
		if err != nil {
			b.Fatal(err)
		}
		defer pool.Release()
		submitAll(b, pool.Submit)
	})
	b.Run("pond", func(b *testing.B) {
		pool := pond.NewPool(runtime.GOMAXPROCS(0), pond.WithQueueSize(maxPending))
		defer pool.StopAndWait()
		submitAll(b, pool.Go)
	})
	b.Run("pond-results", benchmarkPondResults)
	b.Run("scheduler-disk", func(b *testing.B) { benchmarkDisk(b, false) })
	b.Run("scheduler-disk-synced", func(b *testing.B) { benchmarkDisk(b, true) })
	b.Run("river-postgres", benchmarkRiver)
	b.Run("asynq-redis", benchmarkAsynq)
	b.Run("gearmand", benchmarkGearman)
}

// benchmarkScheduler submits to a scheduler that is set up as the server's.
func benchmarkScheduler(b *testing.B) {
	b.Helper()
	kept, err := memory.New(memory.Config{TTL: 10 * time.Minute, Capacity: 1_000_000, Memory: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	nothing, err := task.NewSync(func() string { return "" }, task.Name("nothing"))
	if err != nil {
		b.Fatal(err)
	}
	registry := new(task.Registry)
	if err := registry.Add(nothing); err != nil {
		b.Fatal(err)
	}
	var ended sync.WaitGroup
	s := scheduler.New(scheduler.Config{
		Tasks: registry, Store: kept, MaxPending: maxPending,
		Logger: slog.New(slog.DiscardHandler),
		Ended:  func(scheduler.Execution) { ended.Done() },
	})
	defer func() { _, _ = s.Drain(b.Context()) }()

	request := scheduler.Request{Method: "nothing", Detached: true}
	measureTasks(b, func(p *testing.PB) error {
		for p.Next() {
			ended.Add(1)
			_, err := s.Submit(b.Context(), request)
			for isFull(err) { // the pools make their callers wait
				runtime.Gosched()
				_, err = s.Submit(b.Context(), request)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, ended.Wait)
}

func isFull(err error) bool {
	if err == nil {
		return false
	}
	refusal, ok := errors.AsType[*task.Error](err)
	return ok && refusal.Code == task.ResourceExhausted
}

// submitAll hands b.N tasks to submit and waits for them.
func submitAll(b *testing.B, submit func(work func()) error) {
	b.Helper()
	var done sync.WaitGroup
	var ran atomic.Int64
	measureTasks(b, func(p *testing.PB) error {
		for p.Next() {
			done.Add(1)
			if err := submit(func() { ran.Add(1); done.Done() }); err != nil {
				return err
			}
		}
		return nil
	}, done.Wait)
	if ran.Load() != int64(b.N) {
		b.Errorf("%d tasks ran, not %d", ran.Load(), b.N)
	}
}

// benchmarkPondResults has the pool keep each task's result, and takes them all.
func benchmarkPondResults(b *testing.B) {
	b.Helper()
	pool := pond.NewResultPool[string](runtime.GOMAXPROCS(0), pond.WithQueueSize(maxPending))
	defer pool.StopAndWait()
	var mu sync.Mutex
	var all []pond.ResultTask[string]
	measureTasks(b, func(p *testing.PB) error {
		var own []pond.ResultTask[string]
		for p.Next() {
			own = append(own, pool.Submit(func() string { return "" }))
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, own...)
		return nil
	}, func() {
		for _, each := range all {
			if _, err := each.Wait(); err != nil {
				b.Error(err)
			}
		}
	})
}

// measureTasks has a goroutine for each core submit its share of b.N tasks, and
// measures until wait returns.
func measureTasks(b *testing.B, submit func(*testing.PB) error, wait func()) {
	b.Helper()
	b.ReportAllocs()
	before := machine.OwnTime()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		if err := submit(p); err != nil {
			b.Error(err)
		}
	})
	wait()
	b.StopTimer()
	took := machine.OwnTime() - before
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	b.ReportMetric(float64(took.Nanoseconds())/1e3/float64(b.N), "cpu-µs/task")
}
