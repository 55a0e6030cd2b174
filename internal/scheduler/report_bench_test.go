package scheduler_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// BenchmarkSaid is what a task pays for what it says.
func BenchmarkSaid(b *testing.B) {
	for name, say := range map[string]func(ctx context.Context, log *slog.Logger){
		"progress": func(ctx context.Context, _ *slog.Logger) { task.Progress(ctx, 0.5, "half") },
		"line":     func(ctx context.Context, log *slog.Logger) { log.InfoContext(ctx, "step", "n", 1) },
	} {
		b.Run(name, func(b *testing.B) {
			f := newFixture(b, scheduler.Config{Journals: journal.Limits{Total: 1 << 20, Each: 64 << 10}})
			f.add(b, task.NewAsync, "talk", func(ctx context.Context) {
				log := task.Logger(ctx)
				for b.Loop() {
					say(ctx, log)
				}
			})
			b.ReportAllocs()
			if _, err := f.Submit(b.Context(), request("", "talk")); err != nil {
				b.Error(err)
			}
		})
	}
}
