package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// injecting is r that gets the results of its dependencies.
func injecting(r scheduler.Request, deps ...string) scheduler.Request {
	r.Deps, r.InjectResults, r.DependencyTimeout = deps, true, 24*time.Hour
	return r
}

// TestAChainOverNodesInReverse is submitted from its end.
func TestAChainOverNodesInReverse(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		const length = 20
		for i := length - 1; i > 0; i-- {
			all[i%len(all)].keep(t, injecting(request(idOf(i), "join", fmt.Sprint(i)), idOf(i-1)))
		}
		all[0].keep(t, request(idOf(0), "join", "0"))
		last := all[(length-1)%len(all)]
		o, _ := last.wait(t, idOf(length-1))
		if want := "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19"; o.Result != want || o.Node != last.name {
			t.Errorf("%+v", o)
		}
	})
}

// TestManyIntoOne keeps the order.
func TestManyIntoOne(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		const many = 40
		var deps, want []string
		for i := range many {
			deps, want = append(deps, idOf(i)), append(want, fmt.Sprint(i))
		}
		for i := range many / 2 { // before
			all[i%len(all)].keep(t, request(idOf(i), "join", fmt.Sprint(i)))
		}
		for _, n := range all {
			n.keep(t, injecting(request("into "+n.name, "join"), deps...))
		}
		for i := many / 2; i < many; i++ { // and after
			all[i%len(all)].keep(t, request(idOf(i), "join", fmt.Sprint(i)))
		}
		for _, n := range all {
			if o, _ := n.wait(t, "into "+n.name); o.Result != strings.Join(want, ",") {
				t.Errorf("%+v", o)
			}
		}
	})
}

// TestRacingPairs: a task and what it depends on come at the same moment, on two nodes.
func TestRacingPairs(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		var calls sync.WaitGroup
		for i := range 200 {
			first, second := all[i%3], all[(i+1)%3]
			calls.Go(func() {
				receipt, err := second.Submit(t.Context(), injecting(request("second of "+idOf(i), "join"), idOf(i)))
				if err != nil || receipt.Result != idOf(i) {
					t.Errorf("%+v, %v", receipt, err)
				}
			})
			calls.Go(func() { first.keep(t, request(idOf(i), "join", idOf(i))) })
		}
		calls.Wait()
	})
}

// TestAFailureElsewhere names its node.
func TestAFailureElsewhere(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		for i, before := range []bool{true, false} {
			fails, cancelled := fmt.Sprint("fails", i), fmt.Sprint("cancelled", i)
			submit := func() {
				a.keep(t, request(fails, "fail", "no"))
				a.keep(t, request(cancelled, "sleep", "1h"))
				a.cancel(t, cancelled)
				elapse(time.Second)
			}
			if before {
				submit()
			}
			b.keep(t, after(request("first"+fails, "join"), fails))
			c.keep(t, after(request("second"+fails, "join"), "first"+fails))
			b.keep(t, after(request("after"+cancelled, "join"), cancelled))
			if !before {
				submit()
			}
			o, _ := c.wait(t, "second"+fails)
			wantOutcome(t, o, scheduler.Failed, fmt.Sprintf(`FAILED_PRECONDITION: dependency "first%s" failed on node b with FAILED_PRECONDITION`, fails))
			o, _ = b.wait(t, "first"+fails)
			wantOutcome(t, o, scheduler.Failed, fmt.Sprintf(`FAILED_PRECONDITION: dependency %q failed on node a with INVALID_ARGUMENT`, fails))
			o, _ = b.wait(t, "after"+cancelled)
			wantOutcome(t, o, scheduler.Failed, fmt.Sprintf(`dependency %q was cancelled on node a`, cancelled))
		}
	})
}

// TestADependencyThatMustBeThere: without a time to wait, it is looked for on all nodes.
func TestADependencyThatMustBeThere(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		_, err := a.Submit(t.Context(), after(request("x", "join"), "nobody's"))
		wantCode(t, err, task.FailedPrecondition, `"nobody's" is unknown`)
		made := b.detach(t, request("", "sleep", "10s"))
		b.detach(t, request("chosen", "sleep", "10s"))
		for _, dep := range []string{made, "chosen"} {
			r := after(request("on "+dep, "join"), dep)
			r.InjectResults = true
			if receipt, err := a.Submit(t.Context(), r); err != nil || receipt.Result != "slept" {
				t.Errorf("%+v, %v", receipt, err)
			}
			if receipt, err := c.Submit(t.Context(), after(request("too late "+dep, "join"), dep)); err != nil {
				t.Errorf("%+v, %v", receipt, err)
			}
		}
		late := after(request("late", "join"), "comes late")
		late.DependencyTimeout = time.Minute
		began := time.Now()
		_, _ = a.Submit(t.Context(), late)
		if o, _ := a.get(t, "late"); o.Err == nil || o.Err.Code != task.DeadlineExceeded || time.Since(began).Round(time.Second) != time.Minute {
			t.Errorf("%+v after %v", o, time.Since(began))
		}
		b.setCut(true)
		_, err = a.Submit(t.Context(), after(request("y", "join"), "perhaps b's"))
		wantCode(t, err, task.Unavailable, "does not answer")
		b.setCut(false)
	})
}

// TestACycleOverNodes is refused at once, and nobody else is harmed.
func TestACycleOverNodes(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b, c := all[0], all[1], all[2]
		a.keep(t, after(request("1", "join"), "2"))
		b.keep(t, after(request("2", "join"), "between"))
		b.keep(t, after(request("between", "join"), "3"))
		closes := after(request("3", "join"), "other", "1")
		closes.DependencyTimeout = time.Hour
		for _, r := range []scheduler.Request{closes, detached(closes)} {
			r.Source = source{r}
			began := time.Now()
			_, err := c.Submit(t.Context(), r)
			wantCode(t, err, task.FailedPrecondition, `dependency cycle: "3" → "1" → "2" → "between" → "3"`)
			if took := time.Since(began); took > 20*roundTrip {
				t.Errorf("it took %v", took)
			}
		}
		_, err := c.SubmitBatch(t.Context(), []scheduler.Request{request("with it", "join"), closes})
		wantCode(t, err, task.FailedPrecondition, "tasks[1]: dependency cycle")
		c.wantUnknown(t, "3")
		c.wantUnknown(t, "with it")
		self := after(request("here too", "join"), "3") // which waits for 3 where it was refused
		c.keep(t, self)
		_, err = c.Submit(t.Context(), closes)
		wantCode(t, err, task.FailedPrecondition, "dependency cycle")
		c.keep(t, request("3", "join", "x"))
		for id, n := range map[string]*node{"1": a, "2": b, "here too": c} {
			if o, _ := n.wait(t, id); o.State != scheduler.Succeeded {
				t.Errorf("%s: %+v", id, o)
			}
		}
	})
}

// TestNobodyIsForgottenWhoAwaitsElsewhere: what is not waited for any more is not
// followed any more.
func TestNobodyIsForgottenWhoAwaitsElsewhere(t *testing.T) {
	threeNodes(t, func(t *testing.T, all []*node) {
		a, b := all[0], all[1]
		ctx, leave := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		for i := range 10 {
			calls.Go(func() {
				_, _ = a.Submit(ctx, injecting(request(idOf(i), "join"), "awaited", fmt.Sprint("also ", i)))
			})
		}
		synctest.Wait()
		elapse(time.Second)
		leave()
		calls.Wait()
		elapse(time.Second)
		a.keep(t, injecting(request("stays", "join"), "awaited", "awaited"))
		b.keep(t, request("awaited", "join", "x"))
		if o, _ := a.wait(t, "stays"); o.Result != "x,x" {
			t.Errorf("%+v", o)
		}
	})
}
