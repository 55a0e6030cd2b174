package scheduler_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// forgetful is a store that is full of other things.
type forgetful struct{}

func (forgetful) Get(context.Context, string) (o scheduler.Outcome, ok bool, err error) {
	return o, false, nil
}

func (forgetful) Create(_ context.Context, _ string, o scheduler.Outcome) (scheduler.Outcome, error) {
	return o, nil
}

// waiting is a request that waits for long, after deps, for one more.
func waiting(id string, deps ...string) scheduler.Request {
	r := after(request(id, "join"), append(deps, "ghost")...)
	r.DependencyTimeout = time.Hour
	return r
}

func TestAWaitingTaskDoesNotHoldResultsThatItDoesNotWant(t *testing.T) {
	const size, count = 1 << 20, 32
	bubble(t, scheduler.Config{Store: forgetful{}, DependencyTimeout: 30 * time.Second}, func(t *testing.T, f *fixture) {
		ids := make([]string, count)
		for i := range ids {
			ids[i] = fmt.Sprint(i)
		}
		f.detach(t, waiting("a", ids...))
		for _, id := range ids {
			f.detach(t, request(id, "join", strings.Repeat("x", size/2), strings.Repeat("x", size/2)))
			synctest.Wait()
		}
		if n := heap(); n > count*size/2 {
			t.Errorf("%d bytes are held; the results had %d", n, count*size)
		}
		f.cancel(t, "a")
	})
}

func TestAWaitingTaskDoesNotHoldTheOthersThatWaitedWithIt(t *testing.T) {
	const size, count = 1 << 20, 32
	bubble(t, scheduler.Config{Store: forgetful{}, DependencyTimeout: 30 * time.Second}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "sleep", "1s"))
		f.detach(t, waiting("a", "dep"))
		for i := range count {
			f.detach(t, after(request(fmt.Sprint(i), "join", strings.Repeat("x", size/2), strings.Repeat("x", size/2)), "dep"))
		}
		elapse(time.Minute) // stopped timers hold their tasks until their time
		synctest.Wait()
		if n := heap(); n > count*size/2 {
			t.Errorf("%d bytes are held; the results had %d", n, count*size)
		}
		f.cancel(t, "a")
	})
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestKeptResultsCountAsArgumentsOnce(t *testing.T) {
	const limit = 10_000
	bubble(t, scheduler.Config{MaxPendingBytes: limit}, func(t *testing.T, f *fixture) {
		large := request("large", "join", strings.Repeat("x", limit*2/5))
		larger := request("larger", "join", strings.Repeat("x", limit*4/5))
		for _, id := range []string{"a", "b", "c"} {
			r := waiting(id, "large")
			r.InjectResults = true
			f.detach(t, r)
		}
		before := f.Admitted().Bytes
		f.detach(t, large)
		synctest.Wait()
		if n := f.Admitted().Bytes - before; n != limit*2/5 {
			t.Errorf("three tasks that wait with a result of %d bytes count for %d", limit*2/5, n)
		}

		late := waiting("late", "larger")
		late.InjectResults = true
		f.detach(t, late)
		f.detach(t, larger)
		synctest.Wait()
		f.wantGet(t, "late", scheduler.Failed, "RESOURCE_EXHAUSTED: the arguments")
		late.ID = "later" // refused: the result is there already
		_, err := f.Submit(t.Context(), late)
		wantCode(t, err, task.ResourceExhausted, "hold all bytes that they may")
		f.wantUnknown(t, "later")

		f.detach(t, request("ghost", "join", "boo"))
		synctest.Wait()
		f.wantGet(t, "c", scheduler.Succeeded, strings.Repeat("x", limit*2/5)+",boo")
	})
}

func TestIDsCountAsArguments(t *testing.T) {
	bubble(t, scheduler.Config{MaxPendingBytes: 1000}, func(t *testing.T, f *fixture) {
		_, err := f.Submit(t.Context(), detached(waiting("a", strings.Repeat("x", 600), strings.Repeat("y", 600))))
		wantCode(t, err, task.ResourceExhausted, "hold all bytes that they may")
		_, err = f.Submit(t.Context(), detached(waiting(strings.Repeat("z", 1001))))
		wantCode(t, err, task.ResourceExhausted, "hold all bytes that they may")
	})
}
