package journal_test

import (
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// open opens the journal of an execution that runs for the first time.
func open(t *testing.T, b *journal.Book, id string) *journal.Journal {
	t.Helper()
	j := b.Open(journal.Start{ID: id, Submitted: began, Began: began, State: store.Running, Attempt: 1})
	if j == nil {
		t.Fatal("there is no room")
	}
	return j
}

// numbers returns those of all events after one, read a few at a time.
func numbers(j *journal.Journal, after uint64) (all []uint64, over bool) {
	for {
		events, more := j.Since(after, 3)
		if len(events) == 0 {
			return all, more == nil
		}
		for _, e := range events {
			all = append(all, e.Number)
		}
		after = all[len(all)-1]
	}
}

func wantNumbers(t *testing.T, j *journal.Journal, after uint64, over bool, want ...uint64) {
	t.Helper()
	if got, ended := numbers(j, after); fmt.Sprint(got) != fmt.Sprint(want) || ended != over {
		t.Errorf("after %d: %d, ended %t; want %d, %t", after, got, ended, want, over)
	}
}

func TestEventsAreNumbered(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 1 << 10})
	j := open(t, b, "a")
	wantNumbers(t, j, 0, false, 1, 2)
	j.Log(slog.LevelInfo, "one")
	j.Progress(0.1, "")
	j.Log(slog.LevelInfo, "two")
	wantNumbers(t, j, 0, false, 1, 2, 3, 4, 5)
	wantNumbers(t, j, 3, false, 4, 5)
	j.Progress(0.2, "") // in the place of 4
	wantNumbers(t, j, 0, false, 1, 2, 3, 5, 6)
	j.End(store.Succeeded, began.Add(time.Second))
	wantNumbers(t, j, 0, true, 1, 2, 3, 5, 6, 7)
	j.Log(slog.LevelInfo, "too late")
	j.Progress(1, "too late")
	j.State(store.Pending, began)
	wantNumbers(t, j, 7, true)
}

func TestAJournalBeginsWhereItsExecutionStands(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 1 << 10})
	for _, c := range []struct {
		state   store.State
		attempt uint32
		want    []uint64
	}{
		{store.Pending, 0, []uint64{1}},
		{store.Running, 1, []uint64{1, 2}},
		{store.Pending, 1, []uint64{1, 2, 3}},
		{store.Running, 2, []uint64{1, 4}},
	} {
		j := b.Open(journal.Start{ID: "a", Submitted: began, Began: began, State: c.state, Attempt: c.attempt})
		wantNumbers(t, j, 0, false, c.want...)
	}
}

func TestOneExecutionKeepsItsNewestLines(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 2000})
	j := open(t, b, "a")
	for i := range 100 {
		j.Log(slog.LevelInfo, fmt.Sprint("line ", i))
	}
	r := j.Record()
	if n := len(r.Lines); n < 5 || n > 15 || r.Left != uint64(100-n) || r.Lines[n-1].Text != "line 99" {
		t.Errorf("%d lines are kept, %d left out, the last is %v", n, r.Left, r.Lines[n-1])
	}
	j.Log(slog.LevelInfo, strings.Repeat("x", 4000)) // more than there may be
	if r = j.Record(); len(r.Lines) != 0 || r.Left != 101 {
		t.Errorf("%d lines are kept, %d left out", len(r.Lines), r.Left)
	}
}

func TestAllTogetherKeepToTheirBudget(t *testing.T) {
	const total = 200 << 10
	b := journal.NewBook(journal.Limits{Total: total, Each: 10 << 10})
	var running []*journal.Journal
	for i := range 1000 {
		j := b.Open(journal.Start{ID: fmt.Sprint(i), Submitted: began})
		if j == nil {
			break // of those that run, each keeps at least its states
		}
		running = append(running, j)
		for range 100 {
			j.Progress(0.5, strings.Repeat("p", 100))
			j.Log(slog.LevelInfo, strings.Repeat("l", 100))
			if got := b.Bytes(); got > total {
				t.Fatalf("%d bytes are kept", got)
			}
		}
	}
	if n := len(running); n < 100 || n > 200 {
		t.Errorf("%d journals had room", n)
	}
	if r := running[len(running)-1].Record(); r.Progress.Number == 0 {
		t.Error("the newest has kept nothing")
	}
	for _, j := range running {
		j.End(store.Succeeded, began)
	}
	if b.Find("0") == nil {
		t.Error("the first is gone before there is need")
	}
	for i := range 1000 { // those that have ended make room
		j := open(t, b, fmt.Sprint("new ", i))
		j.Log(slog.LevelInfo, strings.Repeat("l", 1000))
		j.End(store.Failed, began)
		if b.Find(fmt.Sprint("new ", i)) != j || len(j.Record().Lines) != 1 {
			t.Fatal("the newest is not kept")
		}
	}
	if got := b.Bytes(); got > total || b.Find("0") != nil {
		t.Errorf("%d bytes are kept; that of the first: %v", got, b.Find("0"))
	}
}

func TestWhatIsGivenUpLeavesNothing(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 10 << 10, Each: 10 << 10})
	for i := range 100 {
		j := open(t, b, "again and again")
		for range i {
			j.Log(slog.LevelInfo, strings.Repeat("l", i))
			j.Progress(0.5, strings.Repeat("n", i))
		}
		j.End(store.Succeeded, began)
	}
	last := b.Find("again and again")
	open(t, b, "again and again").End(store.Succeeded, began)
	if b.Find("again and again") == last {
		t.Error("the older one is found")
	}
	if got := b.Bytes(); got > 2<<10 {
		t.Errorf("one empty journal takes %d bytes", got)
	}
}

func TestHostileTexts(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 64 << 10})
	j := open(t, b, "a")
	for _, fraction := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 2, -0.0001, 1.0001} {
		j.Progress(fraction, "wrong")
	}
	if r := j.Record(); r.Progress.Number != 0 {
		t.Errorf("progress %v", r.Progress)
	}
	for _, text := range []string{"\xff\xfe", strings.Repeat("\xff", 5000), strings.Repeat("\xffa", 2000), strings.Repeat("é", 5000), "\x00"} {
		j.Log(math.MaxInt, text)
		j.Progress(1, text)
	}
	r := j.Record()
	for _, e := range append(r.Lines, r.Progress) {
		if !utf8.ValidString(e.Text) || len(e.Text) > journal.MaxText || e.Level > math.MaxInt32 {
			t.Errorf("%d bytes at level %d: %.20q…", len(e.Text), e.Level, e.Text)
		}
	}
}

func TestWhoWaitsIsWoken(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 64 << 10})
	j := open(t, b, "a")
	for what, happens := range map[string]func(){
		"line":     func() { j.Log(slog.LevelInfo, "text") },
		"progress": func() { j.Progress(0.5, "") },
		"state":    func() { j.State(store.Pending, began) },
	} {
		_, more := j.Since(math.MaxUint64, 1)
		happens()
		select {
		case <-more:
		default:
			t.Errorf("a %s wakes nobody", what)
		}
	}
	_, more := j.Since(math.MaxUint64, 1)
	j.End(store.Succeeded, began)
	<-more
	if events, more := j.Since(0, 1); len(events) != 1 || more != nil {
		t.Errorf("%v; more comes: %t", events, more != nil)
	}
}

func TestOneSubmissionIsToldFromAnother(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 64 << 10})
	if j := open(t, b, "a"); !j.Of(began) || j.Of(began.Add(1)) {
		t.Error("it takes itself for another")
	}
}

func TestNumbersGoOnAfterThoseOfAProcessBefore(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 1 << 20, Each: 64 << 10})
	j := open(t, b, "a")
	j.Skip(1) // it is further already
	j.Log(slog.LevelInfo, "three")
	j.Skip(70)
	j.Skip(math.MaxUint64)
	j.Log(slog.LevelInfo, "more")
	j.End(store.Succeeded, began)
	j.Skip(1000)
	wantNumbers(t, j, 0, true, 1, 2, 3, 71, 72)
	if j.Last() != 72 {
		t.Errorf("the last is %d", j.Last())
	}
}

// TestArgumentsThatComeTooLate don't keep a journal that could be given up.
func TestArgumentsThatComeTooLate(t *testing.T) {
	b := journal.NewBook(journal.Limits{Total: 10 << 10, Each: 10 << 10})
	for i := range 100 {
		j := open(t, b, fmt.Sprint(i))
		j.End(store.Cancelled, began)
		j.Arguments("secret", nil, 0)
		if got := j.Record().Arguments; got != "" {
			t.Fatalf("%q are kept", got)
		}
	}
}
