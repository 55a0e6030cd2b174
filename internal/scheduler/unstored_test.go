package scheduler_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// TestAnAcceptedTaskWhoseOutcomeIsNotStored is not lost, though its process lives on: its
// outcome is stored, and told, when the store works again, and it doesn't run again.
func TestAnAcceptedTaskWhoseOutcomeIsNotStored(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		var broken atomic.Bool
		d.shelf.before = func(call, _ string) error {
			if call == "Create" && broken.Load() {
				return errBroken
			}
			return nil
		}
		l := d.live(t, scheduler.Config{})
		broken.Store(true)
		l.keep(t, request("a", "join", "x"))
		l.keep(t, request("fails", "fail", "x"))
		dependent := after(request("waits", "join", "y"), "a")
		dependent.InjectResults = true
		l.keep(t, dependent)
		l.keep(t, request("cancelled", "sleep", "24h"))
		durable := request("durable", "join", "z")
		durable.Durable, durable.Source = true, source{durable}
		var callers sync.WaitGroup
		callers.Go(func() {
			receipt, err := l.Submit(t.Context(), durable)
			if err != nil || receipt.Result != "z" {
				t.Errorf("who waits for one that is durable: %+v, %v", receipt, err)
			}
		})
		callers.Go(func() {
			elapse(time.Second)
			if c := l.cancel(t, "cancelled"); c.State != scheduler.Cancelled {
				t.Errorf("Cancel: %+v", c)
			}
		})
		elapse(time.Hour)
		l.wantGet(t, "a", scheduler.Running, "")
		l.wantGet(t, "waits", scheduler.Pending, "")
		broken.Store(false)
		callers.Wait()
		for id, want := range map[string]scheduler.State{
			"a": scheduler.Succeeded, "fails": scheduler.Failed, "waits": scheduler.Succeeded, "cancelled": scheduler.Cancelled,
		} {
			if o, known := l.wait(t, id); !known || o.State != want {
				t.Errorf("%s: %+v, known: %t", id, o, known)
			}
		}
		if n := l.ran("join"); n != 3 {
			t.Errorf("three tasks ran %d times", n)
		}
		if n := l.queue.Usage().Tasks; n != 0 {
			t.Errorf("%d are kept in the end", n)
		}
		l.stop(t)
	})
}

// TestAProcessThatEndsWithAnOutcomeThatIsNotStored leaves the task to the next one.
func TestAProcessThatEndsWithAnOutcomeThatIsNotStored(t *testing.T) {
	lives(t, func(t *testing.T, d *disk) {
		d.shelf.before = func(call, _ string) error {
			if call == "Create" {
				return errBroken
			}
			return nil
		}
		l := d.live(t, scheduler.Config{})
		l.keep(t, request("a", "join", "x"))
		elapse(time.Minute)
		l.die(t)
		synctest.Wait()
		d.shelf.before = func(string, string) error { return nil }
		l = d.live(t, scheduler.Config{})
		if o, known := l.wait(t, "a"); !known || o.Result != "x" {
			t.Errorf("%+v, known: %t", o, known)
		}
		l.stop(t)
	})
}

// TestANodeThatCanNotStoreForAWhile, as when the servers choose a leader for longer than
// a call takes, though nobody takes it for dead.
func TestANodeThatCanNotStoreForAWhile(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		a.keep(t, request("a", "sleep", "1m"))
		elapse(time.Second)
		a.setCut(true)
		elapse(time.Hour)
		a.setCut(false)
		if o := b.await(t, "a"); o.Result != "slept" || o.Node != "a" {
			t.Errorf("%+v", o)
		}
		if n := ranOn(all, "sleep"); n != 1 {
			t.Errorf("it ran %d times", n)
		}
	})
}
