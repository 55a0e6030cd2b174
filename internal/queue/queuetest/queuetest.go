// Package queuetest is the suite that a queue passes on every log.
package queuetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
)

// An Opener opens a log, each time what the last one has left; closed is called
// before the next.
type Opener func() (log queue.Log, closed func())

// Run tests a queue. new returns what opens a log that is empty at first.
func Run(t *testing.T, fresh func(t *testing.T) Opener) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, open Opener){
		"what was put is there after a restart":   kept,
		"what is done is not":                     done,
		"what changes is kept":                    again,
		"the last record of an id counts":         lastCounts,
		"many at once are all there, in order":    manyAtOnce,
		"one that stays does not keep the others": moves,
		"one too large is refused by name":        tooLarge,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// session is a queue in one process's life.
type session struct {
	*queue.Queue

	loaded []queue.Loaded
	closed func()
}

func start(t *testing.T, open Opener) *session {
	t.Helper()
	log, closed := open()
	s := &session{Queue: queue.New(log), closed: closed}
	var err error
	if s.loaded, err = s.Load(); err != nil {
		t.Fatal(err)
	}
	return s
}

// stop ends a process's life as it should end.
func (s *session) stop() {
	s.Close()
	s.closed()
}

// put puts records and waits until they are kept.
func (s *session) put(t *testing.T, records ...queue.Record) []*queue.Entry {
	t.Helper()
	var kept []*queue.Entry
	answered := make(chan error, 1)
	s.Put(records, func(entries []*queue.Entry, err error) {
		kept = entries
		answered <- err
	})
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	return kept
}

func record(id string) queue.Record {
	return queue.Record{ID: id, Request: []byte("request of " + id), Submitted: time.Unix(1_700_000_000, 5)}
}

func (s *session) ids() (ids []string) {
	for _, l := range s.loaded {
		ids = append(ids, l.ID)
	}
	return ids
}

func expect(t *testing.T, s *session, ids ...string) {
	t.Helper()
	if got := s.ids(); !slices.Equal(got, ids) {
		t.Errorf("%d are kept: %.200q; want %d: %.200q", len(got), got, len(ids), ids)
	}
	if n := s.Usage().Tasks; n != len(ids) {
		t.Errorf("Usage says %d tasks, want %d", n, len(ids))
	}
}

func kept(t *testing.T, open Opener) {
	t.Helper()
	want := []queue.Record{
		record("a"),
		{ID: "\x00 ä.*.>", Request: bytes.Repeat([]byte{0, 255}, 1<<20), Due: time.Unix(1, 1), Attempt: 1<<32 - 1},
		{ID: strings.Repeat("x", 1024)},
		{ID: "a", Request: []byte("letter"), Letter: true}, // beside the task of that id
	}
	s := start(t, open)
	for _, r := range want {
		s.put(t, r)
	}
	s.stop()
	for range 2 { // being read changes nothing
		s = start(t, open)
		if len(s.loaded) != len(want) {
			t.Fatalf("%d are kept: %.100q", len(s.loaded), s.ids())
		}
		for i, got := range s.loaded {
			w := want[i]
			if got.ID != w.ID || !bytes.Equal(got.Request, w.Request) || !got.Submitted.Equal(w.Submitted) ||
				!got.Due.Equal(w.Due) || got.Attempt != w.Attempt || got.Letter != w.Letter || got.Entry == nil {
				t.Errorf("record %d comes back as %+.200v", i, got.Record)
			}
		}
		s.stop()
	}
}

func done(t *testing.T, open Opener) {
	t.Helper()
	s := start(t, open)
	entries := s.put(t, record("a"), record("b"), record("c"))
	s.Done(entries[1])
	s.Done(entries[1]) // once more does nothing
	s.stop()
	s = start(t, open)
	expect(t, s, "a", "c")
	s.Done(s.loaded[0].Entry)
	s.Done(s.loaded[1].Entry)
	s.stop()
	s = start(t, open)
	expect(t, s)
	s.put(t, record("d"))
	s.stop()
	s = start(t, open)
	expect(t, s, "d")
	s.stop()
}

func again(t *testing.T, open Opener) {
	t.Helper()
	due := time.Unix(1_800_000_000, 7)
	s := start(t, open)
	entries := s.put(t, record("a"), record("b"))
	s.Again(entries[0], 3, due)
	s.stop()
	for range 2 {
		s = start(t, open)
		expect(t, s, "a", "b")
		if a, b := s.loaded[0], s.loaded[1]; a.Attempt != 3 || !a.Due.Equal(due) || b.Attempt != 0 || !b.Due.IsZero() {
			t.Errorf("got attempts %d and %d, due %v and %v", a.Attempt, b.Attempt, a.Due, b.Due)
		}
		s.stop()
	}
}

func lastCounts(t *testing.T, open Opener) {
	t.Helper()
	s := start(t, open)
	s.put(t, record("a"), record("b"))
	again := record("a")
	again.Attempt = 2
	s.put(t, again)
	s.stop()
	for range 2 {
		s = start(t, open)
		expect(t, s, "b", "a")
		if s.loaded[1].Attempt != 2 {
			t.Errorf("attempt %d", s.loaded[1].Attempt)
		}
		s.stop()
	}
}

func manyAtOnce(t *testing.T, open Opener) {
	t.Helper()
	const callers, each = 32, 50
	s := start(t, open)
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range each {
				entries := s.put(t, record(fmt.Sprintf("%d-%d", c, i)), record(fmt.Sprintf("%d-%d-done", c, i)))
				s.Done(entries[1])
			}
		})
	}
	all.Wait()
	s.stop()
	s = start(t, open)
	next := make(map[string]int)
	for _, id := range s.ids() {
		caller, i, _ := strings.Cut(id, "-")
		if i != strconv.Itoa(next[caller]) {
			t.Fatalf("%s comes when %d of that caller have", id, next[caller])
		}
		next[caller]++
	}
	if len(s.loaded) != callers*each {
		t.Errorf("%d are kept, want %d", len(s.loaded), callers*each)
	}
	s.stop()
}

func moves(t *testing.T, open Opener) {
	t.Helper()
	const many = 40_000
	s := start(t, open)
	s.Again(s.put(t, record("stays"))[0], 5, time.Time{})
	for range many / 1000 {
		records := make([]queue.Record, 1000)
		for i := range records {
			records[i] = record("goes")
		}
		for _, e := range s.put(t, records...) {
			s.Done(e)
		}
	}
	if records := s.Usage().Records; records > many/2 {
		t.Errorf("%d records are kept for the sake of one", records)
	}
	s.stop()
	s = start(t, open)
	expect(t, s, "stays")
	if s.loaded[0].Attempt != 5 {
		t.Errorf("attempt %d", s.loaded[0].Attempt)
	}
	s.Done(s.loaded[0].Entry)
	s.stop()
	s = start(t, open)
	expect(t, s)
	s.stop()
}

func tooLarge(t *testing.T, open Opener) {
	t.Helper()
	s := start(t, open)
	defer s.stop()
	answered := make(chan error, 1)
	large := queue.Record{ID: "a", Request: make([]byte, 10<<20)}
	s.Put([]queue.Record{record("b"), large}, func(_ []*queue.Entry, err error) { answered <- err })
	if err := <-answered; !errors.Is(err, queue.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if n := s.Usage().Tasks; n != 0 {
		t.Errorf("%d tasks are kept of a refused batch", n)
	}
}
