package logging

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestLogFilesArePrivateAndEachStartsOwn(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	now := time.Date(2026, 11, 23, 21, 52, 7, 123e6, time.UTC)
	var names []string
	for range 3 {
		file, err := create(dir, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		names = append(names, filepath.Base(file.Name()))
		if runtime.GOOS == "windows" {
			continue // has no permission bits
		}
		if info, err := os.Stat(file.Name()); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file.Name(), info.Mode(), err)
		}
	}
	if got, want := strings.Join(names, " "), "2026-11-23T21-52-07.123Z.jsonl 2026-11-23T21-52-07.123Z-2.jsonl 2026-11-23T21-52-07.123Z-3.jsonl"; got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o027 != 0 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
}

// logrotate moves a file away and sends SIGHUP; the size of the one that is
// written to then is its own.
func TestReopenedFileIsMeasuredAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := newFile(dir, Limits{Bytes: 8 << 10, Age: time.Hour, Files: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	first, line := f.name, []byte(strings.Repeat("x", 1023)+"\n")
	_, _ = f.Write(line[1:]) // one more of the same does not fit
	if err := os.Rename(first, first+".1"); err != nil {
		t.Fatal(err)
	}
	if err := f.reopen(); err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(line)
	if written, err := os.ReadFile(first); err != nil || !bytes.Equal(written, line) {
		t.Errorf("the file of the old name has %d bytes, %v", len(written), err)
	}
	if err := f.reopen(); err != nil { // nobody has moved it
		t.Fatal(err)
	}
	_, _ = f.Write(line)
	if f.name == first {
		t.Error("a file grows beyond its limit when it was opened again")
	}
}

func TestFullDiskIsToldOnce(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this platform has no full device")
	}
	defer full.Close()
	var console bytes.Buffer
	logs, err := Open(&console, Options{Dir: t.TempDir(), Limits: ample, Least: slog.LevelError, Error: same})
	if err != nil {
		t.Fatal(err)
	}
	roomy := logs.file.open
	logs.file.open = full
	for range 3 {
		logs.All.Error("lost")
	}
	if told := strings.Count(console.String(), "log lines can't be written"); told != 1 || logs.Lost() != 3 {
		t.Errorf("told %d times of %d lost lines:\n%s", told, logs.Lost(), console.String())
	}
	logs.file.open = roomy
	logs.All.Error("kept")
	if told := strings.Count(console.String(), "are written to the file again"); told != 1 || !strings.Contains(console.String(), "lost=3") {
		t.Errorf("that it goes on is told %d times:\n%s", told, console.String())
	}
	if err := logs.Close(); err != nil {
		t.Error(err)
	}
}

// A directory that can't be written to costs lines, not the server, nor more of
// the disk.
func TestLinesAreLostWhereNoFileCanBeBegun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	f, err := newFile(dir, Limits{Bytes: 8 << 10, Age: time.Hour, Files: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	line := []byte(strings.Repeat("x", 1000) + "\n")
	_, _ = f.Write(line)
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := f.Write(line); n != len(line) || err != nil {
			t.Errorf("a lost line is an error to who logs: %d, %v", n, err)
		}
	}
	if f.lostLines() != 3 {
		t.Errorf("%d lines are lost, want 3", f.lostLines())
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(line)
	if written, err := os.ReadFile(f.name); err != nil || !bytes.Equal(written, line) || f.lostLines() != 3 {
		t.Errorf("it goes on with %d bytes, %v, and %d lost lines", len(written), err, f.lostLines())
	}
}
