package deadletter_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

func letterOf(id string) scheduler.DeadLetter {
	return scheduler.DeadLetter{Execution: scheduler.Execution{ID: id, Ended: time.Now()}}
}

// restoring returns a list of letters that are kept, and what was forgotten of them.
func restoring(limits deadletter.Limits, ids ...string) (list *deadletter.List, forgotten map[string]bool) {
	list, forgotten = deadletter.New(limits, nil), make(map[string]bool)
	for _, id := range ids {
		list.Restore(letterOf(id), func() { forgotten[id] = true })
	}
	return list, forgotten
}

func TestWhatWasDroppedComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list, forgotten := restoring(deadletter.Limits{Count: 10, Bytes: 1 << 20}, "a", "b", "c")
		dropped, token, until := list.Drop("a", "b", "nobody's")
		if dropped != 2 || token == "" || time.Until(until) != time.Minute || list.Totals().Letters != 1 {
			t.Fatalf("dropped %d, until %s; %+v", dropped, until, list.Totals())
		}
		if _, ok := list.Find("a"); ok {
			t.Error("it is there still")
		}
		time.Sleep(59 * time.Second) //nolint:forbidigo // the clock is synctest's
		list.Restore(letterOf("b"), func() {})
		if restored, ok := list.Undrop(token); restored != 1 || !ok || list.Totals().Letters != 3 || forgotten["a"] || !forgotten["b"] {
			t.Errorf("%d came back, %t; %+v, forgotten %v", restored, ok, list.Totals(), forgotten)
		}
		if _, ok := list.Undrop(token); ok {
			t.Error("it comes back twice")
		}
		if dropped, token, _ := list.Drop("nobody's"); dropped != 0 || token != "" {
			t.Errorf("nothing is dropped: %d, %q", dropped, token)
		}
	})
}

func TestAfterAMinuteItIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list, forgotten := restoring(deadletter.Limits{Count: 10, Bytes: 1 << 20}, "a", "b")
		_, token, _ := list.Drop("a")
		time.Sleep(time.Minute) //nolint:forbidigo // the clock is synctest's
		synctest.Wait()
		if _, ok := list.Undrop(token); ok || !forgotten["a"] {
			t.Errorf("it comes back: %t; forgotten: %v", ok, forgotten)
		}
		_, token, _ = list.Drop("b")
		list.Settle()
		if _, ok := list.Undrop(token); ok || !forgotten["b"] {
			t.Errorf("when the server stops it comes back: %t; forgotten: %v", ok, forgotten)
		}
	})
}

func TestWhatWasDroppedIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list, forgotten := restoring(deadletter.Limits{Count: 3, Bytes: 1 << 20}, "a", "b", "c")
		_, first, _ := list.Drop("a", "b")
		list.Restore(letterOf("d"), func() {})
		_, second, _ := list.Drop("c", "d")
		if _, ok := list.Undrop(first); ok || !forgotten["a"] || !forgotten["b"] {
			t.Errorf("the first come back: %t; forgotten: %v", ok, forgotten)
		}
		if restored, ok := list.Undrop(second); !ok || restored != 2 {
			t.Errorf("of the second %d come back", restored)
		}
	})
}
