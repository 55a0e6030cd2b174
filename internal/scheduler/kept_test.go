package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// parcel are arguments that tell when nobody has them any more.
type parcel struct {
	strs

	decoded, dropped int
}

func (p *parcel) Decode(limit int) (args []task.Value, size int, err error) {
	p.decoded++
	return p.strs.Decode(limit)
}

func (p *parcel) Drop() { p.dropped++ }

// Those who wait for a task that is there already are bounded by nothing but
// their connections, so what they sent must not wait with them.
func TestWhoJoinsATaskKeepsNoArguments(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1h"))
		parcels := make([]parcel, 3)
		requests := make([]scheduler.Request, len(parcels))
		for i := range parcels {
			requests[i] = request("a", "sleep", "1h")
			requests[i].Args, requests[i].Brief = &parcels[i], false
		}
		ctx, leave := context.WithCancel(t.Context())
		go func() { _, _ = f.Submit(ctx, requests[0]) }()
		go func() { _, _ = f.SubmitBatch(ctx, requests[1:2]) }()
		joined := f.SubmitThen(ctx, requests[2], &answers{f: f})
		synctest.Wait()
		for i := range parcels {
			if parcels[i].decoded != 0 || parcels[i].dropped != 1 {
				t.Errorf("%d: decoded %d times, dropped %d times", i, parcels[i].decoded, parcels[i].dropped)
			}
		}
		if !joined.Joined() {
			t.Error("it isn't said to have joined")
		}
		joined.Leave()
		leave()
		synctest.Wait()
		f.cancel(t, "a")
	})
}

// largeWaiter is a caller of whom something is kept for as long as a task may
// have to tell it.
type largeWaiter struct{ _ [1 << 20]byte }

func (*largeWaiter) Placed() {}

func (*largeWaiter) Answered(scheduler.Receipt, error) {}

func TestATaskForgetsWhoHasLeft(t *testing.T) {
	const callers = 32
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1h"))
		a := &answers{f: f}
		for i := range callers {
			stays := f.SubmitThen(t.Context(), request("a", "sleep"), a)
			f.SubmitThen(t.Context(), request("a", "sleep"), new(largeWaiter)).Leave()
			if i > 0 {
				stays.Leave()
			}
		}
		if n := heap(); n > callers<<20/2 {
			t.Errorf("%d bytes are held for %d callers who have left", n, callers)
		}
		f.cancel(t, "a")
		a.want(t, "a=")
	})
}

func TestAResultKeepsNoMoreThanItself(t *testing.T) {
	const size, count = 1 << 20, 32
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.add(t, task.NewSync, "begin", func(text string) string { return text[:10] })
		for i := range count {
			r := sized(request(fmt.Sprint(i), "begin", strings.Repeat("x", size)), size)
			receipt, err := f.Submit(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "xxxxxxxxxx")
		}
		if n := heap(); n > count*size/2 {
			t.Errorf("%d bytes are held for %d results of 10 bytes", n, count)
		}
	})
}
