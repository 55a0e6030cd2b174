package adminport

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func wrong(bool) bool { return false }

func TestGuessesAreSlowedDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuesses(slog.New(slog.DiscardHandler))
		for i := range maxGuesses {
			if wait, _ := g.try("mallory", wrong); wait != 0 {
				t.Fatalf("guess %d has to wait for %v", i+1, wait)
			}
		}
		for range 3 { // those that were not looked at cost nothing more
			if wait, _ := g.try("mallory", wrong); wait != guessInterval {
				t.Errorf("one guess more has to wait for %v, want %v", wait, guessInterval)
			}
		}
		if wait, right := g.try("alice", func(exhausted bool) bool { return !exhausted }); wait != 0 || !right {
			t.Errorf("another source: %v, %t", wait, right)
		}
		if _, right := g.try("mallory", func(exhausted bool) bool { return exhausted }); !right {
			t.Error("a token that can't be guessed is not looked at any more")
		}
		time.Sleep(guessInterval - 1) //nolint:forbidigo // the clock is synctest's
		if wait, _ := g.try("mallory", wrong); wait != 1 {
			t.Errorf("just before the time it has to wait for %v", wait)
		}
		time.Sleep(time.Nanosecond) //nolint:forbidigo // the clock is synctest's
		if wait, right := g.try("mallory", func(exhausted bool) bool { return !exhausted }); wait != 0 || !right {
			t.Errorf("after the time: %v, %t", wait, right)
		}
		time.Sleep(24 * time.Hour) //nolint:forbidigo // the clock is synctest's
		for i := range maxGuesses {
			if wait, _ := g.try("mallory", wrong); wait != 0 {
				t.Fatalf("a day later, guess %d has to wait for %v", i+1, wait)
			}
		}
		if wait, _ := g.try("mallory", wrong); wait == 0 {
			t.Error("a day's guesses may come at once")
		}
	})
}

func TestGuessesAreLoggedOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		g := newGuesses(slog.New(slog.NewTextHandler(&logs, nil)))
		for range 50 {
			g.try("mallory", wrong)
		}
		g.try("trudy", wrong)
		time.Sleep(logInterval) //nolint:forbidigo // the clock is synctest's
		g.try("mallory", wrong)
		for text, want := range map[string]int{"source=mallory": 2, "source=mallory count=1\n": 1, "source=mallory count=50\n": 1, "source=trudy": 1} {
			if got := strings.Count(logs.String(), text); got != want {
				t.Errorf("%q stands in the log %d times, want %d:\n%s", text, got, want, &logs)
			}
		}
		if got := g.wrong.Load(); got != 52 {
			t.Errorf("%d are counted, want 52", got)
		}
	})
}

func TestManyGuessesAtOnce(t *testing.T) {
	g := newGuesses(slog.New(slog.DiscardHandler))
	var looked int // guarded by what is tested
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				g.try("mallory", func(exhausted bool) bool {
					if !exhausted {
						looked++
					}
					return false
				})
			}
		})
	}
	all.Wait()
	if looked < maxGuesses || looked > maxGuesses+6 { // one more for each ten seconds that it took
		t.Errorf("%d were looked at, want %d", looked, maxGuesses)
	}
}

func TestSourcesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuesses(slog.New(slog.DiscardHandler))
		for i := range maxSources + 100 {
			g.try(fmt.Sprint(i), wrong)
			time.Sleep(1) //nolint:forbidigo,staticcheck // the clock is synctest's, and each is later than the one before
		}
		if len(g.sources) != maxSources || g.sources["99"] != nil || g.sources["100"] == nil {
			t.Errorf("%d are remembered", len(g.sources))
		}
	})
}

func TestSourceOf(t *testing.T) {
	for peer, want := range map[string]string{
		"192.0.2.1:1234":            "192.0.2.1",
		"[::ffff:192.0.2.1]:1234":   "192.0.2.1",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:80":         "fe80::/64",
		"unix socket":               "unix socket",
	} {
		if got := sourceOf(peer); got != want {
			t.Errorf("%s: got %s, want %s", peer, got, want)
		}
	}
}
