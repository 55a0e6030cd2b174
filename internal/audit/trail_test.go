package audit

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func all(*Entry) bool { return true }

func entry(number int) Entry {
	return Entry{Time: time.Unix(int64(number), 0).UTC(), Who: "token alice", Action: "drain", Target: fmt.Sprint(number), Result: "ok"}
}

// before returns a page of a trail.
func before(t *testing.T, trail *Trail, from string, limit int, match func(*Entry) bool) (found []Found, next string) {
	t.Helper()
	found, next, err := trail.Before(from, limit, match)
	if err != nil {
		t.Fatal(err)
	}
	return found, next
}

// targets are what entries are about.
func targets(entries []Found) (list []string) {
	for i := range entries {
		list = append(list, entries[i].Target)
	}
	return list
}

func TestPagesFitTogether(t *testing.T) {
	trail, err := Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got, next := before(t, trail, "", 10, all); len(got) != 0 || next != "" {
		t.Errorf("of nothing: %v, %q", got, next)
	}
	for i := range 10 {
		trail.Add(entry(i))
	}
	first, next := before(t, trail, "", 4, all)
	trail.Add(entry(10)) // which moves nothing
	second, next := before(t, trail, next, 4, all)
	third, last := before(t, trail, next, 4, all)
	if got := fmt.Sprint(targets(first), targets(second), targets(third)) + last; got != "[9 8 7 6] [5 4 3 2] [1 0]" {
		t.Errorf("the pages: %s", got)
	}
	even := func(e *Entry) bool { return slices.Contains([]string{"0", "2", "4", "6", "8"}, e.Target) }
	if got, next := before(t, trail, "", 5, even); fmt.Sprint(targets(got)) != "[8 6 4 2 0]" || next != "" {
		t.Errorf("those that match: %v, %q", targets(got), next)
	}
}

func TestTheNewestAreKept(t *testing.T) {
	trail, err := Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxEntries + 100 {
		trail.Add(entry(i))
	}
	got, _ := before(t, trail, "", 2*maxEntries, all)
	if len(got) != maxEntries || got[maxEntries-1].Target != "100" {
		t.Errorf("%d are kept, the last is %v", len(got), got[len(got)-1])
	}
	large := entry(0)
	large.Target, large.Result = strings.Repeat("x", 1<<20), strings.Repeat("y", 1<<20)
	large.Details = map[string]string{"filter": strings.Repeat("z", 1<<20)}
	for range maxEntries {
		trail.Add(large)
	}
	if got, _ := before(t, trail, "", maxEntries, all); len(got) > maxBytes/(3*maxText) || len(got) < maxBytes/(4*maxText) || len(got[0].Target) != maxText {
		t.Errorf("%d large ones are kept, with %d bytes", len(got), len(got[0].Target))
	}
}

func TestTheFileOutlivesTheProcess(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit")
	open := func() *Trail {
		t.Helper()
		trail, err := Open(name, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return trail
	}
	hostile := entry(1)
	hostile.Target, hostile.Details = "<script>\n\"'\x00\u009b31m\u202e\U000e0041ä", map[string]string{"a\nb": "c"}
	first := open()
	first.Add(hostile)
	if err := os.Rename(name, name+".old"); err != nil { // as logrotate does
		t.Fatal(err)
	}
	first.Add(entry(2))
	first.Add(hostile)
	text, err := os.ReadFile(name)
	if err != nil || strings.Count(string(text), "\n") != 2 {
		t.Fatalf("%q, %v", text, err)
	}
	if bytes.ContainsAny(text, "\x00\x1b\u009b\u202e\U000e0041") || !strings.Contains(string(text), "ä") {
		t.Errorf("the file does something to a terminal: %q", text)
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != fileMode {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(name, append(text, "torn {\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	got, _ := before(t, open(), "", 10, all)
	if len(got) != 2 || got[0].Target != hostile.Target || got[0].Details["a\nb"] != "c" || got[1].Target != "2" || !got[1].Time.Equal(time.Unix(2, 0)) {
		t.Errorf("read again: %+v", got)
	}

	if err := os.Truncate(name, largestFile); err != nil {
		t.Fatal(err)
	}
	open().Add(entry(3))
	if info, err := os.Stat(name + ".1"); err != nil || info.Size() != largestFile {
		t.Errorf("the one that is put aside: %v, %v", info, err)
	}
	if info, err := os.Stat(name); err != nil || info.Size() > 1000 {
		t.Errorf("the one that goes on: %v, %v", info, err)
	}
}

func TestWrongFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "missing", "audit"), os.DevNull} {
		if _, err := Open(name, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "Config.AdminAuditFile") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatFollowsATornLineIsRead: the disk was full in the midst of an entry, or the
// machine stopped.
func TestWhatFollowsATornLineIsRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit")
	if err := os.WriteFile(name, []byte(`{"action":"dra`), fileMode); err != nil {
		t.Fatal(err)
	}
	for number := range 2 {
		trail, err := Open(name, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := before(t, trail, "", 10, all)
		if len(got) != number {
			t.Errorf("%d entries are read, want %d: %+v", len(got), number, got)
		}
		trail.Add(entry(1))
	}
}
