package stats

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

func TestWatchersGetWhatTheyAskFor(t *testing.T) {
	feed := new(Feed)
	feed.Publish(Event{Kind: Draining}) // to nobody
	all, err := feed.Watch(10)
	if err != nil {
		t.Fatal(err)
	}
	plugins, err := feed.Watch(10, PluginLoaded, PluginCrashed)
	if err != nil {
		t.Fatal(err)
	}
	r := NewHistory(1, 1, feed)
	r.Ended(ended("1", add, time.Millisecond))
	feed.Publish(Event{Kind: PluginCrashed, Plugin: "math"})

	if first := <-all.Events(); first.Kind != TaskEnded || first.Execution.ID != "1" || !first.Time.Equal(epoch.Add(time.Millisecond)) {
		t.Errorf("got %+v", first)
	}
	for _, w := range []*Watcher{all, plugins} {
		if got := <-w.Events(); got.Kind != PluginCrashed || got.Plugin != "math" || got.Missed != 0 {
			t.Errorf("got %+v", got)
		}
	}
	all.Stop()
	feed.Publish(Event{Kind: PluginLoaded})
	if len(all.Events()) != 0 || len(plugins.Events()) != 1 {
		t.Error("a stopped watcher gets events, or another none")
	}
	plugins.Stop()
	if feed.watched() {
		t.Error("somebody still watches")
	}
}

func TestSlowWatchersAreToldWhatTheyMissed(t *testing.T) {
	feed := new(Feed)
	w, err := feed.Watch(2)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for range 7 {
		feed.Publish(Event{Kind: Resumed})
	}
	for range 2 {
		if got := <-w.Events(); got.Missed != 0 {
			t.Errorf("%d missed before one that came in time", got.Missed)
		}
	}
	for _, want := range []uint64{5, 0} {
		feed.Publish(Event{Kind: Resumed})
		if got := <-w.Events(); got.Missed != want {
			t.Errorf("%d missed, want %d", got.Missed, want)
		}
	}
}

func TestWatchersAreBounded(t *testing.T) {
	feed := new(Feed)
	for range maxWatchers {
		w, err := feed.Watch(1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(w.Stop)
	}
	if _, err := feed.Watch(1); !errors.Is(err, ErrTooManyWatchers) {
		t.Errorf("one too many: %v", err)
	}
}

func TestWhatTasksSayIsToldToThoseWhoAsk(t *testing.T) {
	feed := new(Feed)
	describe := func() scheduler.Execution { return ended("1", add, time.Millisecond) }
	feed.Said(journal.Event{}, func() scheduler.Execution {
		t.Error("a task is described to nobody")
		return scheduler.Execution{}
	})
	all, err := feed.Watch(10)
	if err != nil {
		t.Fatal(err)
	}
	defer all.Stop()
	lines, err := feed.Watch(10, TaskLogged)
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Stop()
	feed.Said(journal.Event{Kind: journal.Log, Text: strings.Repeat("é", 1000)}, describe)
	feed.Said(journal.Event{Kind: journal.Progress, Fraction: 0.5, Text: "half"}, describe)
	if got := <-all.Events(); got.Kind != TaskProgress || got.Fraction != 0.5 || got.Message != "half" || got.Execution.ID != "1" {
		t.Errorf("got %+v", got)
	}
	if got := <-lines.Events(); got.Kind != TaskLogged || len(got.Message) > 512 || !utf8.ValidString(got.Message) {
		t.Errorf("got %+v", got)
	}
	if len(all.Events())+len(lines.Events()) > 0 {
		t.Error("there are more")
	}
}

// TestWatchersHoldLittle: what one that takes nothing holds is bounded in bytes
// too, and it can go on.
func TestWatchersHoldLittle(t *testing.T) {
	feed := new(Feed)
	w, err := feed.Watch(100_000)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	publish := func() { feed.Publish(Event{Kind: PluginCrashed, Message: strings.Repeat("m", 2000)}) }
	for range 1000 {
		publish()
	}
	waiting := len(w.Events())
	if waiting < 100 || waiting*2000 > maxHeld {
		t.Errorf("%d wait", waiting)
	}
	for range waiting {
		event := <-w.Events()
		w.Taken(&event)
	}
	publish()
	if got := <-w.Events(); got.Missed != uint64(1000-waiting) {
		t.Errorf("%d were missed, not %d", got.Missed, 1000-waiting)
	}
}
