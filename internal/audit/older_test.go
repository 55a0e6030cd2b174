package audit

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openAt opens a trail in a file.
func openAt(t *testing.T, name string) *Trail {
	t.Helper()
	trail, err := Open(name, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return trail
}

// read reads a trail page by page, and tells how many pages there were.
func read(t *testing.T, trail *Trail, limit int, match func(*Entry) bool) (list []string, pages int) {
	t.Helper()
	for from := ""; ; pages++ {
		found, next := before(t, trail, from, limit, match)
		if len(found) > limit {
			t.Fatalf("%d on a page of %d", len(found), limit)
		}
		list = append(list, targets(found)...)
		if next == "" {
			return list, pages + 1
		}
		from = next
	}
}

// counting is what a trail of all numbers up to one has, the newest first.
func counting(from, to int) (list []string) {
	for n := from; n >= to; n-- {
		list = append(list, fmt.Sprint(n))
	}
	return list
}

// TestPagesGoOnInTheFiles: what memory has no longer, after a restart or for want of
// room, is read from the files, those that were put aside too.
func TestPagesGoOnInTheFiles(t *testing.T) {
	const last = 999
	name := filepath.Join(t.TempDir(), "audit")
	trail := openAt(t, name)
	write := func(from, to int) {
		for n := from; n < to; n++ {
			e := entry(n)
			e.Details = make(map[string]string)
			for i := range 10 {
				e.Details[fmt.Sprint(i)] = strings.Repeat("x", maxText)
			}
			trail.Add(e)
		}
	}
	aside := func() { // as if it were large
		t.Helper()
		if err := trail.file.putAsideAt(1); err != nil {
			t.Fatal(err)
		}
	}
	write(0, 10)
	aside()
	write(10, 20)
	aside()
	write(20, last+1) // more than memory and one page's look have
	if list, _ := read(t, trail, 100, all); strings.Join(list, " ") != strings.Join(counting(last, 0), " ") {
		t.Errorf("%d are read, from %s to %s", len(list), list[0], list[len(list)-1])
	}
	first, next := before(t, trail, "", 7, all)
	if got := fmt.Sprint(targets(first)); got != fmt.Sprint(counting(last, last-6)) {
		t.Errorf("the newest: %s", got)
	}
	trail = openAt(t, name)
	if list, _ := read(t, trail, 99, all); strings.Join(list, " ") != strings.Join(counting(last, 0), " ") {
		t.Errorf("after a restart %d are read, from %s to %s", len(list), list[0], list[len(list)-1])
	}
	if _, _, err := trail.Before(next, 7, all); !errors.Is(err, ErrCursor) {
		t.Errorf("a cursor from before the restart: %v", err)
	}

	old := func(e *Entry) bool { return e.Target == "3" || e.Target == "15" }
	list, pages := read(t, trail, 10, old)
	if fmt.Sprint(list) != "[15 3]" || pages < 2 {
		t.Errorf("found %v on %d pages, though all files are more than one page looks through", list, pages)
	}
}

// TestReadersFollowFilesThatArePutAside: a page goes on where the one before ended,
// whatever the file's name is by then.
func TestReadersFollowFilesThatArePutAside(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit")
	trail := openAt(t, name)
	for n := range 10 {
		trail.Add(entry(n))
	}
	trail.list, trail.bytes, trail.oldest = nil, 0, 10 // memory had no room for them
	found, next := before(t, trail, "", 4, all)
	if got := fmt.Sprint(targets(found)); got != "[9 8 7 6]" {
		t.Fatalf("the first page: %s", got)
	}
	if err := trail.file.putAsideAt(1); err != nil {
		t.Fatal(err)
	}
	trail.Add(entry(10))
	found, next = before(t, trail, next, 4, all)
	if got := fmt.Sprint(targets(found)); got != "[5 4 3 2]" {
		t.Errorf("the second page: %s", got)
	}
	if _, err := os.Stat(name + ".1"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(name + ".1"); err != nil { // as who needs the room does
		t.Fatal(err)
	}
	if found, next = before(t, trail, next, 4, all); len(found) > 0 || next != "" {
		t.Errorf("of what is gone: %v, %q", targets(found), next)
	}
}

// TestOneMoreFileThanAreKeptIsRemoved.
func TestOneMoreFileThanAreKeptIsRemoved(t *testing.T) {
	name := filepath.Join(t.TempDir(), "audit")
	trail := openAt(t, name)
	for n := range olderFiles + 3 {
		trail.Add(entry(n))
		if err := trail.file.putAsideAt(1); err != nil {
			t.Fatal(err)
		}
	}
	trail = openAt(t, name)
	if list, _ := read(t, trail, 2, all); fmt.Sprint(list) != fmt.Sprint(counting(olderFiles+2, 3)) {
		t.Errorf("read %v", list)
	}
	files, err := filepath.Glob(name + "*")
	if err != nil || len(files) != olderFiles+1 {
		t.Errorf("the files: %v, %v", files, err)
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	inFiles, inMemoryAlone := openAt(t, filepath.Join(t.TempDir(), "audit")), openAt(t, "")
	for _, from := range []string{"?", "m", "m.", "m1.1", "f1", "f1.", "f1.-1", "fä.1", "f99999999999999999999.1", "\x00.\x00"} {
		if _, _, err := inFiles.Before(from, 1, all); !errors.Is(err, ErrCursor) {
			t.Errorf("%q: %v", from, err)
		}
	}
	if _, _, err := inMemoryAlone.Before("f1.1", 1, all); !errors.Is(err, ErrCursor) {
		t.Errorf("a place in a file that there isn't: %v", err)
	}
}

// FuzzCursors: whoever lists the audit sends cursors, which come from anywhere.
func FuzzCursors(f *testing.F) {
	trail, err := Open(filepath.Join(f.TempDir(), "audit"), slog.New(slog.DiscardHandler))
	if err != nil {
		f.Fatal(err)
	}
	for n := range 10 {
		trail.Add(entry(n))
	}
	for _, from := range []string{"", "m1.1", "f0.0", "f1.zzzzzzzzzzzz", trail.cursorOf(cursor{number: 3}), trail.cursorOf(cursor{place: trail.list[4].at})} {
		f.Add(from)
	}
	f.Fuzz(func(t *testing.T, from string) {
		found, next, err := trail.Before(from, 3, all)
		if err != nil && !errors.Is(err, ErrCursor) || len(found) > 3 || len(found) == 0 && next != "" {
			t.Errorf("%q: %d, %q, %v", from, len(found), next, err)
		}
	})
}
