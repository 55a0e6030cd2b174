package service

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// payload is what a task of these benchmarks carries.
const payload = 256

func newKeeping(b *testing.B, sync bool) *scheduler.Scheduler {
	b.Helper()
	results, tasks := onDisk(b, sync)
	s := scheduler.New(scheduler.Config{
		Tasks: task.Default(), Logger: slog.New(slog.DiscardHandler), Store: results, Queue: tasks, Encode: Encode,
	})
	if _, err := s.Restore(b.Context(), Decode); err != nil {
		b.Fatal(err)
	}
	return s
}

// detachedTask submits a detached task of 256 bytes and waits until it has ended.
func detachedTask(b *testing.B, s *scheduler.Scheduler, argument string) {
	b.Helper()
	request := scheduler.Request{Method: "ping", Detached: true, Args: given{task.String(argument)}}
	receipt, err := s.Submit(b.Context(), request)
	if err != nil {
		b.Error(err)
		return
	}
	if o, ok, err := s.Wait(b.Context(), receipt.ID); !ok || err != nil || o.State != scheduler.Succeeded {
		b.Error(o, ok, err)
	}
}

// given are arguments of this process.
type given []task.Value

func (g given) Decode(int) (args []task.Value, size int, err error) { return g, payload, nil }

func (given) Drop() {}

// BenchmarkDetached is a detached task from its submission to its end, with data on
// a disk, by the engine's Go API.
func BenchmarkDetached(b *testing.B) {
	for name, sync := range map[string]bool{"interval": false, "always": true} {
		for _, callers := range []int{1, 64, 256} {
			b.Run(fmt.Sprintf("sync %s/%d callers", name, callers), func(b *testing.B) {
				s := newKeeping(b, sync)
				argument := strings.Repeat("x", payload)
				each(b, callers, func() { detachedTask(b, s, argument) })
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
			})
		}
	}
}

// each calls f b.N times, from so many goroutines.
func each(b *testing.B, callers int, f func()) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			for next.Add(1) <= int64(b.N) {
				f()
			}
		})
	}
	all.Wait()
	b.StopTimer()
}

// BenchmarkDetachedPaced is how long it takes from acceptance to result when a
// hundred tasks come in a second: run it with -benchtime 1000x.
func BenchmarkDetachedPaced(b *testing.B) {
	s := newKeeping(b, false)
	argument := strings.Repeat("x", payload)
	var took []time.Duration
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for b.Loop() {
		<-ticker.C
		began := time.Now()
		detachedTask(b, s, argument)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
