package scheduler_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestADrainHandsOver what has not begun, at once, though something runs for long.
func TestADrainHandsOver(t *testing.T) {
	cluster(t, []string{"a", "b"}, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		attempts := 0
		for _, n := range all {
			n.add(t, task.NewAsync, "fails", func(context.Context) error {
				attempts++
				return task.Errorf(task.Unavailable, "again")
			})
		}
		began := time.Now()
		a.keep(t, request("runs", "sleep", "30m"))
		a.keep(t, at(request("later", "join", "l"), time.Hour))
		made := a.Detach(t, injecting(request("", "join", "w"), "later", "runs"))
		retried := request("retried", "fails")
		retried.Retry = &scheduler.RetryPolicy{MaxAttempts: 3, InitialBackoff: 2 * time.Hour, MaxBackoff: 2 * time.Hour}
		a.keep(t, retried)
		a.keep(t, at(request("waited for", "join"), 2*time.Hour))
		waiting := make(chan error, 1)
		go func() {
			_, _, err := a.Wait(t.Context(), "waited for")
			waiting <- err
		}()
		blocking := make(chan scheduler.Receipt, 1)
		go func() {
			receipt, _ := a.Submit(t.Context(), injecting(request("blocking", "join", "b"), "later"))
			blocking <- receipt
		}()
		elapse(time.Second)
		drained := make(chan error, 1)
		go func() {
			_, err := a.Drain(t.Context())
			drained <- err
		}()
		elapse(time.Second)
		for _, id := range []string{"later", made, "retried"} {
			b.wantGet(t, id, scheduler.Pending, "")
			a.wantUnknown(t, id)
		}
		b.wantUnknown(t, "waited for")
		if err := <-drained; err != nil || time.Since(began).Round(time.Minute) != time.Hour { // the blocking one's
			t.Errorf("%v after %v", err, time.Since(began))
		}
		wantCode(t, <-waiting, task.Unavailable, "the server stopped")
		if r := <-blocking; r.Result != "l,b" {
			t.Errorf("%+v", r)
		}
		if o, _ := b.wait(t, made); o.Result != "l,slept,w" || o.Node != "b" || time.Since(began).Round(time.Minute) != time.Hour {
			t.Errorf("%+v after %v", o, time.Since(began))
		}
		if o, _ := b.wait(t, "retried"); o.Attempt != 3 || attempts != 3 {
			t.Errorf("%+v, %d attempts", o, attempts)
		}
		a.queue.Close()
		if n := b.takeOver(t, a); n != 1 {
			t.Errorf("%d were left", n)
		}
		elapse(3 * time.Hour)
		b.wantGet(t, "waited for", scheduler.Succeeded, "")
	})
}

// TestADrainThatNobodyTakesFrom leaves all to the next process.
func TestADrainThatNobodyTakesFrom(t *testing.T) {
	cluster(t, []string{"a", "b"}, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		a.add(t, task.NewSync, "only_a", func() string { return "a" })
		a.keep(t, at(request("a's", "only_a"), time.Hour))
		for _, cut := range []bool{true, false} {
			b.setCut(cut)
			a.keep(t, at(request("b's, too", "join", "x"), time.Hour))
			if n := a.HandOver(t.Context()); cut != (n == 0) {
				t.Errorf("%d, cut off: %t", n, cut)
			}
		}
		b.wantGet(t, "b's, too", scheduler.Pending, "")
		if o, _ := a.wait(t, "a's"); o.Result != "a" {
			t.Errorf("%+v", o)
		}
		elapse(time.Minute)
	})
}

// TestATaskTakenOverWhoseMethodAThirdNodeHas runs there.
func TestATaskTakenOverWhoseMethodAThirdNodeHas(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		plugin := func(n *node) {
			n.add(t, task.NewSync, "plugin::f", func(words ...string) string { return n.name + words[0] })
		}
		plugin(a)
		c.setCut(true)
		a.keep(t, at(request("1", "plugin::f", "x"), time.Hour))
		a.keep(t, injecting(request("2", "plugin::f"), "1"))
		synctest.Wait()
		a.setCut(true)
		if n := b.takeOver(t, a); n != 2 {
			t.Errorf("%d tasks", n)
		}
		elapse(time.Minute)
		b.wantGet(t, "1", scheduler.Pending, "")
		plugin(c)
		c.setCut(false)
		elapse(time.Minute)
		b.wantUnknown(t, "1")
		for id, want := range map[string]string{"1": "cx", "2": "ccx"} {
			if o, _ := c.wait(t, id); o.Result != want {
				t.Errorf("%+v", o)
			}
		}
		a.giveUpAll(t)
	})
}

// TestATaskWhoseHandingOverFails begins here when its turn has come meanwhile.
func TestATaskWhoseHandingOverFails(t *testing.T) {
	cluster(t, []string{"a", "b"}, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		a.keep(t, at(request("due", "join", "x"), time.Second))
		elapse(time.Second - 2*roundTrip)
		b.setRefuseAfter(time.Minute)
		if n := a.HandOver(t.Context()); n != 0 {
			t.Errorf("%d were handed over", n)
		}
		b.setRefuseAfter(0)
		elapse(time.Second)
		a.wantGet(t, "due", scheduler.Succeeded, "x")
	})
}
