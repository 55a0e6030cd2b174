package task_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// heard is a reporter that writes down what it is told.
type heard []string

func (h *heard) Progress(attempt int, fraction float64, note string) {
	*h = append(*h, fmt.Sprint(attempt, " ", fraction, " ", note))
}

func (h *heard) Log(attempt int, level slog.Level, text string) {
	*h = append(*h, fmt.Sprint(attempt, " ", level, " ", text))
}

func TestProgressIsReported(t *testing.T) {
	var said heard
	ctx := task.WithCall(t.Context(), task.Call{ID: "a", Attempt: 3, Reporter: &said})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, fraction := range []float64{0.5, -1, 2, math.NaN(), math.Inf(1)} {
		task.Progress(ctx, fraction, "so far")
	}
	if want := []string{"3 0.5 so far", "3 0 so far", "3 1 so far", "3 0 so far", "3 1 so far"}; !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
	task.Progress(t.Context(), 0.5, "nobody hears it")
	if call := task.CallOf(ctx); call.ID != "a" || call.Attempt != 3 {
		t.Errorf("the call is %v", call)
	}
}

func TestLinesAreReported(t *testing.T) {
	var said heard
	log := task.Logger(task.WithCall(t.Context(), task.Call{ID: "a", Attempt: 1, Reporter: &said}))
	log.Info("plain")
	log.Warn("with", "n", 1, "text", "two words")
	log.With("customer", 7).WithGroup("request").Error("grouped", "id", "x", slog.Group("inner", "a", 1))
	log.WithGroup("nothing").Debug("empty")
	log.Log(t.Context(), slog.LevelDebug-1, "less than debug")
	log.Info("msg is a key of its own", "msg", "m", "time", "t", "level", "l")
	want := []string{
		"1 INFO plain", `1 WARN with n=1 text="two words"`,
		"1 ERROR grouped customer=7 request.id=x request.inner.a=1", "1 DEBUG empty",
		"1 INFO msg is a key of its own msg=m time=t level=l",
	}
	if !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
	if task.Logger(t.Context()) != slog.Default() {
		t.Error("outside a task it is another logger than slog's")
	}
}

func BenchmarkProgressOutsideATask(b *testing.B) {
	for b.Loop() {
		task.Progress(b.Context(), 0.5, "")
	}
}
