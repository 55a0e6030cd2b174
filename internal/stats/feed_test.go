package stats

import (
	"errors"
	"testing"
	"time"
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
