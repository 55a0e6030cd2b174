package scheduler_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func threeNodes(t *testing.T, test func(t *testing.T, all []*node)) {
	t.Helper()
	cluster(t, []string{"a", "b", "c"}, test)
}

// TestOneIDOnEveryNodeAtOnce runs once, and the others are told where.
func TestOneIDOnEveryNodeAtOnce(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		const ids, callers = 20, 4
		var mu sync.Mutex
		won, held := map[string]int{}, map[string]int{}
		var calls sync.WaitGroup
		for i := range ids {
			for _, n := range all {
				for range callers {
					calls.Go(func() {
						receipt, err := n.Submit(t.Context(), request(idOf(i), "sleep", "1s"))
						mu.Lock()
						defer mu.Unlock()
						var elsewhere *scheduler.HeldError
						switch {
						case errors.As(err, &elsewhere):
							held[elsewhere.ID+elsewhere.Node]++
							wantCode(t, err, task.Unavailable, "node "+elsewhere.Node)
						case err != nil || receipt.Result != "slept":
							t.Errorf("%s: %+v, %v", idOf(i), receipt, err)
						default:
							won[idOf(i)+n.name]++
						}
					})
				}
			}
		}
		calls.Wait()
		if len(won) != ids || len(held) != ids || ranOn(all, "sleep") != ids {
			t.Errorf("%d nodes have run the tasks, %d were named, in %d runs", len(won), len(held), ranOn(all, "sleep"))
		}
		for name := range held {
			if won[name] != callers {
				t.Errorf("%s was named, and answered %d", name, won[name])
			}
		}
		for _, n := range all {
			receipt, err := n.Submit(t.Context(), request(idOf(0), "sleep", "1s"))
			if err != nil || receipt.Result != "slept" || receipt.Node == "" {
				t.Errorf("of one that has ended: %+v, %v", receipt, err)
			}
		}
	})
}

// TestAnIDThatLeavesNoTrace is free for all nodes.
func TestAnIDThatLeavesNoTrace(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		_, err := a.Submit(t.Context(), request("refused", "none"))
		wantCode(t, err, task.NotFound, "none")
		b.detach(t, request("refused", "join"))

		ctx, leave := context.WithCancel(t.Context())
		var left sync.WaitGroup
		left.Go(func() { _, _ = a.Submit(ctx, request("left", "sleep", "1h")) })
		synctest.Wait()
		elapse(time.Second)
		leave()
		left.Wait()
		elapse(time.Second)
		b.detach(t, request("left", "join"))

		_, err = a.SubmitBatch(t.Context(), []scheduler.Request{request("in a batch", "join"), request("bad", "none")})
		wantCode(t, err, task.NotFound, "tasks[1]")
		b.detach(t, request("in a batch", "join"))
		b.detach(t, request("bad", "join"))

		soon, cancel := context.WithTimeout(t.Context(), roundTrip/2)
		defer cancel()
		_, err = a.Submit(soon, request("given up at once", "join"))
		wantCode(t, err, task.DeadlineExceeded, "caller")
		elapse(time.Second)
		b.detach(t, request("given up at once", "join"))
		elapse(time.Second)
	})
}

// TestABatchAmongNodes: what another node has is waited for.
func TestABatchAmongNodes(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		b.keep(t, request("there", "sleep", "1h"))
		b.keep(t, request("over", "join", "x"))
		elapse(time.Second)
		began := time.Now()
		receipts, err := a.SubmitBatch(t.Context(), []scheduler.Request{
			request("new", "join", "n"), request("there", "fail"), request("over", "fail"), detached(request("there", "fail")),
			request("", "join", "none"), request("new", "fail"), after(request("last", "join", "l"), "there", "new"),
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"n", "slept", "x", "", "none", "n", "l"} {
			if receipts[i].Result != want {
				t.Errorf("%d: %+v, want %q", i, receipts[i], want)
			}
		}
		if took := time.Since(began); took < 59*time.Minute || took > time.Hour+time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}

// TestABatchIsClaimedTogether, not one after the other.
func TestABatchIsClaimedTogether(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		requests := make([]scheduler.Request, 1000)
		for i := range requests {
			requests[i] = detached(request(idOf(i), "join"))
			requests[i].Source = source{requests[i]}
		}
		began := time.Now()
		if _, err := all[0].SubmitBatch(t.Context(), requests); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 100*roundTrip {
			t.Errorf("it took %v", took)
		}
		elapse(time.Minute)
	})
}

// TestTwoBatchesOfTheSameIDs on one node don't wait for each other for ever.
func TestTwoBatchesOfTheSameIDs(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		var batches sync.WaitGroup
		for _, order := range [][]string{{"x", "y", "z"}, {"z", "y", "x"}, {"y", "z", "x"}} {
			requests := make([]scheduler.Request, len(order))
			for i, id := range order {
				requests[i] = request(id, "join", id)
			}
			batches.Go(func() {
				receipts, err := all[0].SubmitBatch(t.Context(), requests)
				if err != nil {
					t.Error(err)
				}
				for i, r := range receipts {
					if r.Result != order[i] {
						t.Errorf("%+v", r)
					}
				}
			})
		}
		batches.Wait()
		if n := ranOn(all, "join"); n != 3 {
			t.Errorf("%d runs", n)
		}
	})
}

func TestIDsTellWhoHasMadeThem(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		seen := map[string]bool{}
		for range 1000 {
			id := a.detach(t, request("", "join"))
			if !scheduler.MadeBy(id, a.name) || scheduler.MadeBy(id, b.name) || seen[id] {
				t.Errorf("%s", id)
			}
			seen[id] = true
		}
		for _, id := range []string{"", "a", "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d-8694-439b-aea5-966c26f8ad91"} {
			if scheduler.MadeBy(id, a.name) {
				t.Errorf("%q", id)
			}
		}
		elapse(time.Second)
	})
}

// TestWhoLeavesDoesNotWaitForTheOthers: a caller is told when its deadline is over,
// however long they take to answer, and the id is free for all nodes after that.
func TestWhoLeavesDoesNotWaitForTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		id       string
		deadline time.Duration
		submit   func(context.Context, *node, scheduler.Request) error
	}{
		"while its id is claimed": {"x", roundTrip / 2, submitOne},
		"while those of a batch are": {"x", roundTrip / 2, func(ctx context.Context, n *node, r scheduler.Request) error {
			_, err := n.SubmitBatch(ctx, []scheduler.Request{request("", "join"), r})
			return err
		}},
		"while it runs":                     {"x", roundTrip + time.Second/2, submitOne},
		"while the outcome is stored":       {"", time.Second + roundTrip/2, submitOne},
		"while that of an id of its own is": {"x", time.Second + roundTrip*3/2, submitOne},
	} {
		t.Run(name, func(t *testing.T) {
			threeNodes(t, func(t *testing.T, all []*node) {
				begin := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				defer cancel()
				err := c.submit(ctx, all[0], request(c.id, "sleep", "1s"))
				if wantCode(t, err, task.DeadlineExceeded, "deadline"); time.Since(begin) != c.deadline {
					t.Errorf("told after %v", time.Since(begin))
				}
				<-time.After(time.Minute)
				receipt, err := all[1].Submit(t.Context(), request("x", "sleep", "1s"))
				if err != nil || receipt.Result != "slept" {
					t.Errorf("submitted again elsewhere: %+v, %v", receipt, err)
				}
			})
		})
	}
}

func submitOne(ctx context.Context, n *node, r scheduler.Request) error {
	_, err := n.Submit(ctx, r)
	return err
}

// TestWhatIsNotKeptIsToldAtOnce: that its id is free for the other nodes takes longer, and
// must not keep what comes after it waiting.
func TestWhatIsNotKeptIsToldAtOnce(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		a.setRefuseAfter(time.Second)
		begin := time.Now()
		_, err := a.Submit(t.Context(), detached(request("x", "join")))
		if wantCode(t, err, task.Unavailable, "kept"); time.Since(begin) != time.Second+roundTrip {
			t.Errorf("told after %v", time.Since(begin))
		}
		a.setRefuseAfter(0)
		elapse(time.Second)
		b.detach(t, request("x", "join"))
		elapse(time.Second)
	})
}
