package process_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// logTo returns a logger that sends lines without their time; what does not fit
// is dropped.
func logTo(lines chan<- string) *slog.Logger {
	return slog.New(slog.NewTextHandler(lineWriter(lines), &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

type lineWriter chan<- string

func (w lineWriter) Write(line []byte) (int, error) {
	select {
	case w <- string(bytes.TrimSpace(line)):
	default:
	}
	return len(line), nil
}

// await reads lines until one has text in it.
func await(t *testing.T, lines <-chan string, text string) string {
	t.Helper()
	deadline := time.After(patience)
	var seen []string
	for {
		select {
		case line := <-lines:
			if strings.Contains(line, text) {
				return line
			}
			seen = append(seen, line)
		case <-deadline:
			t.Fatalf("nobody logs %q, only %.1000q", text, seen)
		}
	}
}

func TestWhatTheLibraryPrintsIsLogged(t *testing.T) {
	lines := make(chan string, 1000)
	p := start(t, process.Config{Name: "loud", Logger: logTo(lines)})
	await(t, lines, `text="opening fake"`)
	if _, err := call(t.Context(), p, "print", task.Bytes([]byte("hello")), task.Int32(1)); err != nil {
		t.Fatal(err)
	}
	for range 3 { // from fmt, from 1 and from 2
		if line := await(t, lines, "hello"); line != `level=INFO msg="plugin says" plugin=loud text=hello` {
			t.Errorf("got %s", line)
		}
	}
	if _, err := call(t.Context(), p, "print", task.Bytes([]byte("\x1b[31m\xff")), task.Int32(1)); err != nil {
		t.Fatal(err)
	}
	await(t, lines, `\x1b[31m�`)
	answers(t, p)
}

func TestWhatTheLibraryLogsIsLogged(t *testing.T) {
	lines := make(chan string, 1000)
	p := start(t, process.Config{Name: "wordy", Path: "fake:logs", Logger: logTo(lines)})
	if got, want := await(t, lines, "from init"), `level=WARN msg="plugin says" plugin=wordy text="from init"`; got != want {
		t.Errorf("got %s", got)
	}
	for level, want := range map[int32]string{-4: "DEBUG", 0: "INFO", 4: "WARN", 8: "ERROR", 1 << 30: "ERROR", -1 << 30: "DEBUG"} {
		if _, err := call(t.Context(), p, "log", task.Int32(level), task.String("well")); err != nil {
			t.Fatal(err)
		}
		if got := await(t, lines, "well"); got != "level="+want+` msg="plugin says" plugin=wordy text=well task_id=id-of-log` {
			t.Errorf("got %s", got)
		}
	}
	if _, err := call(t.Context(), p, "log", task.Int32(0), task.String(strings.Repeat("long", 1<<20))); err != nil {
		t.Fatal(err)
	}
	if got := await(t, lines, "long"); len(got) > 5<<10 {
		t.Errorf("a line of %d bytes", len(got))
	}
}

func TestAFloodIsNotLogged(t *testing.T) {
	lines := make(chan string, 100_000)
	began := time.Now()
	p := start(t, process.Config{Logger: logTo(lines)})
	if _, err := call(t.Context(), p, "print", task.Bytes([]byte("water\n")), task.Int32(10_000)); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if _, err := call(t.Context(), p, "log", task.Int32(0), task.String(fmt.Sprint("water ", i))); err != nil {
			t.Fatal(err)
		}
	}
	p.Close(t.Context())
	seconds := int(time.Since(began)/time.Second) + 2
	if n := len(lines); n < 100 || n > seconds*450 { // 200 printed, 200 logged, and what was left out
		t.Errorf("%d lines in %d seconds", n, seconds)
	}
}
