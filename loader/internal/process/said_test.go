package process_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// gathered is a reporter that writes down what it is told; a process tells it all
// before it answers.
func gathered(into *[]string) reporter {
	return reporter{
		progress: func(fraction float64, note string) { *into = append(*into, fmt.Sprint(fraction, " ", note)) },
		log: func(level slog.Level, text string) {
			*into = append(*into, fmt.Sprintf("%s: %d bytes: %.10s", level, len(text), text))
		},
	}
}

func TestACallIsToldOfWhatItSaysItself(t *testing.T) {
	p, err := tryStart(t, process.Config{Name: "evil", Path: "liar"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	for range 3 {
		var told []string
		v, err := p.Call(t.Context(), 0, process.CallInfo{TaskID: "a", Attempt: 1, Reporter: gathered(&told)}, nil)
		if s, _ := v.Str(); err != nil || s != "fine" {
			t.Fatalf("got %v, %v", v, err)
		}
		want := []string{"0.5 \uFFFDhalf", "ERROR: 4096 bytes: " + strings.Repeat("l", 10), "INFO: 3 bytes: \uFFFD"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

func TestLinesGoToTheCallThatTheyAreOf(t *testing.T) {
	p := start(t, process.Config{})
	for i := range 3 {
		var told []string
		ctx := task.WithCall(t.Context(), task.Call{Reporter: gathered(&told)})
		if _, err := call(ctx, p, "log", task.Int32(4), task.String(fmt.Sprint("call ", i))); err != nil {
			t.Fatal(err)
		}
		if want := []string{fmt.Sprintf("WARN: 6 bytes: call %d", i)}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

func TestALibrarySaysNoMoreThanTheLogTakes(t *testing.T) {
	lines := make(chan string, 10_000)
	p := start(t, process.Config{Name: "wordy", Logger: logTo(lines)})
	began := time.Now()
	text := task.String(strings.Repeat("w", 4<<10))
	for range 150 { // fewer lines than there may be, but 600 KiB
		if _, err := call(t.Context(), p, "log", task.Int32(0), text); err != nil {
			t.Fatal(err)
		}
	}
	written := 0
	for len(lines) > 0 {
		written += len(<-lines)
	}
	seconds := int(time.Since(began).Seconds()) + 2 // that the calls lie in, or in parts of
	if most := seconds * 300 << 10; written == 0 || written > most {
		t.Errorf("%d bytes were logged", written)
	}
}
