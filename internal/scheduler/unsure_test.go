package scheduler_test

import (
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// TestNothingBeginsThatOthersMayHave: a node that can't be sure that its tasks are still
// its own begins none, or one would run again whose end others have told.
func TestNothingBeginsThatOthersMayHave(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, _ := all[0], all[1], all[2]
		a.keep(t, at(request("later", "join", "l"), time.Hour))
		a.keep(t, request("runs", "sleep", "1h"))
		a.keep(t, injecting(request("waits", "join"), "runs"))
		elapse(time.Second)
		a.setCut(true)
		b.takeOver(t, a)
		elapse(3 * time.Hour)
		if n := a.ran("join"); n != 0 {
			t.Errorf("%d tasks began where it was not sure", n)
		}
		for id, want := range map[string]string{"later": "l", "runs": "slept", "waits": "slept"} {
			if o, _ := b.get(t, id); o.Result != want || o.Node != "b" {
				t.Errorf("%s: %+v", id, o)
			}
		}
		a.rejoin()
		elapse(time.Minute)
		if n := ranOn(all, "join"); n != 2 {
			t.Errorf("%d tasks ran, of two", n)
		}
	})
}

// TestWhatWasHeldBackBegins once it is sure again that nobody else has it.
func TestWhatWasHeldBackBegins(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a := all[0]
		a.keep(t, at(request("1", "join", "x"), time.Hour))
		a.keep(t, at(request("2", "join", "y"), time.Hour))
		elapse(time.Second)
		a.setCut(true)
		elapse(2 * time.Hour)
		a.wantGet(t, "1", scheduler.Pending, "")
		a.setCut(false)
		for id, want := range map[string]string{"1": "x", "2": "y"} {
			if o, _ := a.wait(t, id); o.Result != want {
				t.Errorf("%s: %+v", id, o)
			}
		}
		if n := a.ran("join"); n != 2 {
			t.Errorf("%d runs", n)
		}
	})
}

// TestTakingOverFromWhoTookOver: a node waits for what another one makes of its task, and
// takes over from that one meanwhile. Neither waits for the other.
func TestTakingOverFromWhoTookOver(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		a.keep(t, request("1", "sleep", "1m"))
		elapse(50 * time.Second)
		a.setCut(true)
		b.takeOver(t, a)
		elapse(20 * time.Second) // it has ended here, and that isn't stored
		a.rejoin()
		elapse(5 * time.Second) // b's outcome counts
		b.setCut(true)
		if n := a.takeOver(t, b); n != 1 {
			t.Errorf("%d tasks were taken over", n)
		}
		if o := c.await(t, "1"); o.Result != "slept" || o.Node != "a" {
			t.Errorf("%+v", o)
		}
		elapse(time.Minute)
		if kept := a.queue.Usage().Tasks; kept != 0 || a.ran("sleep") != 1 {
			t.Errorf("%d are kept in the end, after %d runs", kept, a.ran("sleep"))
		}
		b.giveUpAll(t)
	})
}
