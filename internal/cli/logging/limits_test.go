package logging

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Ten failures a second were 1 GB a week.
func TestLogsOfManyFailuresStaySmall(t *testing.T) {
	t.Parallel()
	dir, limits := t.TempDir(), Limits{Bytes: leastSize, Age: 24 * time.Hour, Files: 1000}
	logs, err := Open(io.Discard, Options{Dir: dir, Limits: limits, Least: slog.LevelInfo, Error: same})
	if err != nil {
		t.Fatal(err)
	}
	const lines, room = 40_000, 5000
	for i := range lines {
		logs.All.Warn("task failed", "id", "0f9b1c1e-7d0f-4f4e-9f55-6e0d8f6f3a52", "method", "divide", "code", "INVALID_ARGUMENT", "n", i)
		if i%1000 == 0 {
			if n := bytesIn(t, dir); n > limits.Bytes {
				t.Fatalf("%d bytes of logs after %d lines, want %d at most", n, i, limits.Bytes)
			}
		}
	}
	if logs.Lost() != 0 {
		t.Errorf("%d lines are lost", logs.Lost())
	}
	if err := logs.Close(); err != nil {
		t.Fatal(err)
	}
	last := lines - 1
	for _, name := range slices.Backward(namesIn(t, dir)) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range slices.Backward(bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))) {
			var got struct{ N int }
			if err := json.Unmarshal(line, &got); err != nil || got.N != last {
				t.Fatalf("line %d is %s, %v", last, line, err)
			}
			last--
		}
	}
	if kept := lines - 1 - last; kept < room {
		t.Errorf("the newest %d lines are kept, want %d at least", kept, room)
	}
}

func TestLimitsAreForAllStarts(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Now()
	old := func(name string, size int, age time.Duration) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
		return name
	}
	old("2020-01-01T00-00-00.000Z.jsonl", 10, 49*time.Hour)   // too old
	old("2020-01-02T00-00-00.000Z.jsonl", 10<<10, time.Hour)  // beyond the size
	old("2020-01-02T00-00-00.000Z-2.jsonl", 8<<20, time.Hour) // the last that fits but for this file's room
	keep := []string{old("2020-01-02T00-00-00.000Z-10.jsonl", 1<<20, time.Hour)}
	keep = append(keep, old("2020-01-03T00-00-00.000Z.jsonl.1", 9<<20, 99*time.Hour), // not ours
		old("notes.jsonl", 9<<20, 99*time.Hour))
	f, err := newFile(dir, Limits{Bytes: 10 << 20, Age: 48 * time.Hour, Files: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	keep = append(keep, filepath.Base(f.name))
	slices.Sort(keep)
	if got := namesIn(t, dir); !slices.Equal(got, keep) {
		t.Errorf("there are %q, want %q", got, keep)
	}

	// Starts that follow one another soon leave few files, but never those of
	// servers that run.
	for range 20 {
		next, err := newFile(dir, Limits{Bytes: 10 << 20, Age: 48 * time.Hour, Files: 3})
		if err != nil {
			t.Fatal(err)
		}
		if err := next.close(); err != nil {
			t.Fatal(err)
		}
	}
	got := namesIn(t, dir)
	if !slices.Contains(got, filepath.Base(f.name)) {
		t.Error("the file of a server that runs was deleted")
	}
	if got = slices.DeleteFunc(got, func(name string) bool { return fileName.FindString(name) == "" }); len(got) > 4 {
		t.Errorf("of 21 starts %q are left, want 3 and the one that is written to", got)
	}
}

func TestLinesAreKeptForTheirTime(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		logs, err := Open(io.Discard, Options{Dir: dir, Limits: Limits{Bytes: 1 << 20, Age: 48 * time.Hour, Files: 10}, Least: slog.LevelInfo, Error: same})
		if err != nil {
			t.Fatal(err)
		}
		defer logs.Close()
		first := logs.file.name
		logs.All.Info("line")
		if err := os.Chtimes(first, time.Time{}, time.Now()); err != nil { // not that of the system's clock
			t.Fatal(err)
		}
		<-time.After(25 * time.Hour)
		synctest.Wait()
		if names := namesIn(t, dir); len(names) != 2 {
			t.Errorf("after a day there are %q, want two files", names)
		}
		<-time.After(25 * time.Hour)
		synctest.Wait()
		names := namesIn(t, dir)
		if slices.Contains(names, filepath.Base(first)) || len(names) != 1 {
			t.Errorf("after two days there are %q, want one file without lines", names)
		}
	})
}

func TestTooSmallLimitsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := Open(io.Discard, Options{Dir: t.TempDir(), Limits: Limits{Bytes: 1, Age: 1, Files: 1}, Least: slog.LevelInfo, Error: same})
	if err == nil || !strings.Contains(err.Error(), "--log-max-size") {
		t.Errorf("error %v", err)
	}
	if _, open := errors.AsType[*os.PathError](err); open {
		t.Error("a file was tried first")
	}
}

func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func bytesIn(t *testing.T, dir string) (sum int64) {
	t.Helper()
	for _, name := range namesIn(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	return sum
}
