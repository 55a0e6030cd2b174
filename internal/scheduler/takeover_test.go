package scheduler_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestADeadNodesTasksRunElsewhere, each once unless it had begun.
func TestADeadNodesTasksRunElsewhere(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		began := time.Now()
		a.keep(t, request("over", "join", "o"))
		made := a.Detach(t, request("", "sleep", "1h"))
		a.keep(t, request("runs", "sleep", "1h"))
		a.keep(t, at(request("later", "join", "l"), 2*time.Hour))
		a.keep(t, injecting(request("waits", "join"), "runs", "c's", "over"))
		c.keep(t, at(request("c's", "join", "c"), 3*time.Hour))
		c.keep(t, injecting(request("c's too", "join"), "waits"))
		blocking := make(chan error)
		go func() {
			_, err := c.Submit(t.Context(), injecting(request("of a caller", "join"), "later", made))
			blocking <- err
		}()
		elapse(time.Minute)
		a.setCut(true)
		if n := b.takeOver(t, a); n != 4 {
			t.Errorf("%d tasks were taken over", n)
		}
		for id, want := range map[string]string{"over": "o", "runs": "slept", made: "slept", "later": "l", "waits": "slept,c,o"} {
			if o, _ := b.wait(t, id); o.Result != want {
				t.Errorf("%s: %+v", id, o)
			}
		}
		if took := time.Since(began).Round(time.Minute); took != 3*time.Hour {
			t.Errorf("it took %v: times are kept", took)
		}
		if o, _ := c.wait(t, "c's too"); o.Result != "slept,c,o" {
			t.Errorf("%+v", o)
		}
		if err := <-blocking; err != nil {
			t.Error(err)
		}
		if b.ran("sleep") != 2 {
			t.Errorf("%d runs", b.ran("sleep"))
		}
		a.giveUpAll(t)
	})
}

// TestTakingOverTwice does no harm: whoever took over may die before it has said so.
func TestTakingOverTwice(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		for i := range 10 {
			a.keep(t, at(request(idOf(i), "join", fmt.Sprint(i)), time.Hour))
			a.Detach(t, at(request("", "join", "m"), time.Hour))
		}
		elapse(time.Second)
		a.setCut(true)
		records, err := queue.Records(a.log)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.TakeOver(t.Context(), "a", records[:15], decode); err != nil {
			t.Fatal(err)
		}
		b.takeOver(t, a) // again, by itself
		for range 2 {
			if _, err := c.TakeOver(t.Context(), "a", records, decode); err != nil {
				t.Fatal(err)
			}
		}
		elapse(2 * time.Hour)
		if b.ran("join") != 20 || c.ran("join") != 0 {
			t.Errorf("%d and %d runs", b.ran("join"), c.ran("join"))
		}
		for _, n := range all[1:] {
			if kept := n.queue.Usage().Tasks; kept != 0 {
				t.Errorf("%s keeps %d in the end", n.name, kept)
			}
		}
		a.giveUpAll(t)
	})
}

// TestATakerThatDies is taken over itself.
func TestATakerThatDies(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		a.keep(t, at(request("1", "join", "x"), time.Hour))
		a.keep(t, request("2", "sleep", "1h"))
		elapse(time.Second)
		a.setCut(true)
		records, err := queue.Records(a.log)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.TakeOver(t.Context(), "a", records, decode); err != nil {
			t.Fatal(err)
		}
		elapse(time.Second)
		b.setCut(true) // before it has told that a is done with
		c.takeOver(t, a)
		c.takeOver(t, b)
		for id, want := range map[string]string{"1": "x", "2": "slept"} {
			if o, _ := c.wait(t, id); o.Result != want || o.Node != "c" {
				t.Errorf("%s: %+v", id, o)
			}
		}
		elapse(time.Minute)
		if kept := c.queue.Usage().Tasks; kept != 0 {
			t.Errorf("%d are kept in the end", kept)
		}
		a.giveUpAll(t)
		b.giveUpAll(t)
	})
}

// TestANodeThatWasCutOff and comes back records nothing over what others have recorded,
// and has nothing of what they have.
func TestANodeThatWasCutOff(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		a.keep(t, request("quick", "sleep", "1m"))
		a.keep(t, request("slow", "sleep", "1h"))
		a.keep(t, injecting(request("waits", "join", "w"), "slow"))
		var calls sync.WaitGroup
		calls.Go(func() {
			receipt, err := a.Submit(t.Context(), injecting(request("blocking", "join", "b"), "waits"))
			if err != nil || receipt.Result != "slept,w,b" || receipt.Node != "a" {
				t.Errorf("one that waits for those: %+v, %v", receipt, err)
			}
		})
		calls.Go(func() {
			_, _, err := a.Wait(t.Context(), "slow")
			wantCode(t, err, task.Unavailable, "goes on at another node")
		})
		calls.Go(func() {
			receipt, err := a.Submit(t.Context(), request("waits", "join"))
			if err == nil {
				err = receipt.Err
			}
			wantCode(t, err, task.Unavailable, "goes on at another node")
		})
		elapse(time.Second)
		a.setCut(true)
		b.takeOver(t, a)
		c.keep(t, injecting(request("of c", "join"), "quick"))
		elapse(30 * time.Minute)
		if given := a.rejoin(); given == 0 {
			t.Error("nothing was given up")
		}
		a.wantUnknown(t, "slow")
		a.wantUnknown(t, "waits")
		calls.Wait()
		for id, want := range map[string]string{"quick": "slept", "slow": "slept", "waits": "slept,w", "of c": "slept"} {
			if o := c.await(t, id); o.Result != want || o.Node == "a" {
				t.Errorf("%s: %+v", id, o)
			}
		}
		a.keep(t, request("after", "join", "x"))
		if o, _ := a.wait(t, "after"); o.Result != "x" {
			t.Errorf("%+v", o)
		}
		elapse(time.Minute)
		for _, n := range all {
			if kept := n.queue.Usage().Tasks; kept != 0 {
				t.Errorf("%s keeps %d in the end", n.name, kept)
			}
		}
	})
}

// TestAnOutcomeOfATaskThatOthersHave is not recorded; theirs is told.
func TestAnOutcomeOfATaskThatOthersHave(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		answers := make(chan scheduler.Receipt, 2)
		for _, id := range []string{"ends there", "given up there"} {
			go func() {
				receipt, err := a.Submit(t.Context(), request(id, "sleep", "1m"))
				if err != nil {
					t.Error(err)
				}
				answers <- receipt
			}()
		}
		elapse(time.Second)
		a.setCut(true)
		b.takeOver(t, a) // nothing, but its claims are free
		c.detach(t, request("ends there", "join", "of c"))
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = c.Submit(ctx, request("given up there", "sleep", "1h")) }()
		elapse(time.Second)
		a.setCut(false)
		elapse(time.Minute)
		if r := <-answers; r.ID != "ends there" || r.Result != "of c" || r.Node != "c" {
			t.Errorf("%+v", r)
		}
		leave()
		if r := <-answers; r.ID != "given up there" || r.Result != "slept" || r.Node != "a" {
			t.Errorf("%+v", r)
		}
		synctest.Wait()
		a.rejoin()
	})
}

// TestAnAcceptedTaskThatIsSubmittedElsewhere is never lost, though the submission is
// given up.
func TestAnAcceptedTaskThatIsSubmittedElsewhere(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		for _, id := range []string{"ends there", "given up there"} {
			a.keep(t, at(request(id, "join", "of a"), time.Hour))
		}
		a.setCut(true)
		records, err := queue.Records(a.log)
		if err != nil {
			t.Fatal(err)
		}
		a.shared.mu.Lock()
		delete(a.shared.known, "a") // by mistake, too early
		a.shared.mu.Unlock()
		c.detach(t, request("ends there", "sleep", "1m"))
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		go func() { _, _ = c.Submit(ctx, request("given up there", "sleep", "1h")) }()
		elapse(time.Second)
		if n, err := b.TakeOver(t.Context(), "a", records, decode); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		elapse(2 * time.Hour)
		for id, want := range map[string]string{"ends there": "slept", "given up there": "of a"} {
			if o, _ := b.get(t, id); o.Result != want {
				t.Errorf("%s: %+v", id, o)
			}
		}
		if kept := b.queue.Usage().Tasks; kept != 0 {
			t.Errorf("%d are kept in the end", kept)
		}
		a.giveUpAll(t)
	})
}

// TestTakingOverWhatIsHereAlready: a caller's task becomes the one that was accepted, so
// it goes on when the caller leaves, and outlives the node.
func TestTakingOverWhatIsHereAlready(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		for _, id := range []string{"of a caller", "kept"} {
			a.keep(t, at(request(id, "join", "of a"), time.Hour))
		}
		a.setCut(true)
		records, err := queue.Records(a.log)
		if err != nil {
			t.Fatal(err)
		}
		a.shared.mu.Lock()
		delete(a.shared.known, "a") // too early
		a.shared.mu.Unlock()
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = b.Submit(ctx, request("of a caller", "sleep", "1h")) }()
		b.keep(t, request("kept", "sleep", "1h"))
		elapse(time.Second)
		if n, err := b.TakeOver(t.Context(), "a", records, decode); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		leave()
		elapse(time.Minute)
		b.wantGet(t, "of a caller", scheduler.Running, "")
		b.wantGet(t, "kept", scheduler.Running, "")
		if kept := b.queue.Usage().Tasks; kept != 2 {
			t.Errorf("%d are kept", kept)
		}
		b.setCut(true)
		if n := c.takeOver(t, b); n != 2 {
			t.Errorf("%d are taken over", n)
		}
		for _, id := range []string{"of a caller", "kept"} {
			if o, _ := c.wait(t, id); o.Result != "of a" {
				t.Errorf("%s: %+v", id, o)
			}
		}
		a.giveUpAll(t)
		b.giveUpAll(t)
	})
}
