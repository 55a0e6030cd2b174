package process_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// BenchmarkCall makes 64 callers at a time call a task that echoes 100 bytes,
// and tells what a call costs both processes together.
func BenchmarkCall(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			benchmarkCall(b, callers)
		})
	}
}

func benchmarkCall(b *testing.B, callers int) {
	b.Helper()
	p, err := process.Start(b.Context(), process.Config{Name: "fake", Path: "fake", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	args := []task.Value{task.String(strings.Repeat("x", 100))}
	before, beforeChild := ownCPU(), childCPU(b, p.PID())
	began := time.Now()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			for left.Add(-1) >= 0 {
				if _, err := p.Call(ctx, 0, process.CallInfo{TaskID: "a", Attempt: 1}, args); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	took := time.Since(began)
	own, child := ownCPU()-before, childCPU(b, p.PID())-beforeChild
	n := float64(b.N)
	b.ReportMetric(n/took.Seconds(), "calls/s")
	b.ReportMetric(float64(own.Microseconds())/n, "parent-µs/op")
	b.ReportMetric(float64(child.Microseconds())/n, "child-µs/op")
	b.ReportMetric(float64((own+child).Microseconds())/n, "cpu-µs/op")
	p.Close(b.Context())
}

func ownCPU() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// childCPU returns the processor time that a running process has taken.
func childCPU(t testing.TB, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	var ticks int
	for _, field := range fields[11:13] { // utime, stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
