package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/storetest"
	"github.com/taskscheduler/taskscheduler/task"
)

// shelf is a store that keeps everything, after a hook that may take its time
// and whose error it returns. Unlike memory's it isn't instant.
type shelf struct {
	mu       sync.Mutex
	outcomes map[string]scheduler.Outcome
	before   func(call, id string) error
}

func newShelf(before func(call, id string) error) *shelf {
	return &shelf{outcomes: map[string]scheduler.Outcome{}, before: before}
}

func (s *shelf) Get(_ context.Context, id string) (o scheduler.Outcome, ok bool, err error) {
	if err := s.before("Get", id); err != nil {
		return o, false, err
	}
	o, ok = s.has(id)
	return o, ok, nil
}

func (s *shelf) Create(_ context.Context, id string, o scheduler.Outcome) (scheduler.Outcome, error) {
	if err := s.before("Create", id); err != nil {
		return scheduler.Outcome{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if there, ok := s.outcomes[id]; ok {
		return there, nil
	}
	s.outcomes[id] = o
	return o, nil
}

func (s *shelf) has(id string) (scheduler.Outcome, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.outcomes[id]
	return o, ok
}

func TestShelfIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store {
		return newShelf(func(string, string) error { return nil })
	})
}

// Whatever the scheduler holds during a call to the store, someone who needs it
// waits for the call: here the call waits for them instead.
func TestNothingIsHeldWhileTheStoreIsAsked(t *testing.T) {
	const inner = "inner"
	var f *fixture
	var calls atomic.Int64
	needEverything := func(n int64) {
		id := fmt.Sprint(inner, n)
		if _, err := f.Submit(t.Context(), request(id, "join")); err != nil { // a shard, a slot
			t.Error(err)
		}
		r := after(request(id+"dependent", "join"), id, id+"ghost") // the graph
		r.DependencyTimeout = time.Hour
		f.detach(t, r)
		f.Executions() // every shard, every execution
		f.cancel(t, r.ID)
	}
	f = newFixture(t, scheduler.Config{MaxSync: 1, MaxConcurrent: 1, Store: newShelf(func(call, id string) error {
		if strings.HasPrefix(id, inner) {
			return nil
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			needEverything(calls.Add(1))
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Errorf("something is held during %s(%s)", call, id)
		}
		return nil
	})})
	f.detach(t, request("dep", "join", "x"))
	f.detach(t, request("fails", "fail", "x"))
	f.detach(t, request("exits", "goexit"))
	waits := after(request("waits", "join"), "dep", "never")
	waits.DependencyTimeout = time.Millisecond
	short := request("short", "sleep", "1h")
	short.ExecutionTimeout = time.Millisecond
	for _, r := range []scheduler.Request{
		request("a", "join"), request("a", "join"), request("", "join"), after(request("b", "join"), "dep"),
		after(request("c", "join"), "fails"), after(request("d", "join"), "exits"), waits, short,
	} {
		if _, err := f.Submit(t.Context(), r); err != nil {
			t.Errorf("Submit(%s): %v", r.ID, err)
		}
	}
	cancelled := after(request("cancelled", "join"), "never")
	cancelled.DependencyTimeout = time.Hour
	f.detach(t, cancelled)
	f.cancel(t, "cancelled")
	f.cancel(t, "ghost")
	f.wait(t, "a")
	f.wantUnknown(t, "ghost")
	if _, err := f.Submit(t.Context(), after(request("e", "join"), "ghost")); err == nil {
		t.Error("a dependency that nobody submitted was accepted")
	}
	if n := calls.Load(); n < 25 {
		t.Errorf("the store was called %d times", n)
	}
	if left, err := f.Drain(t.Context()); left != 0 || err != nil {
		t.Errorf("Drain: %d left, %v", left, err)
	}
}

func TestASlowStoreHoldsUpNobodyElse(t *testing.T) {
	const slow, tasks = time.Second, 100
	config := scheduler.Config{MaxSync: 1, Store: newShelf(func(string, string) error { elapse(slow); return nil })}
	bubble(t, config, func(t *testing.T, f *fixture) {
		begin := time.Now()
		var callers sync.WaitGroup
		for i := range tasks {
			callers.Go(func() {
				if receipt, err := f.Submit(t.Context(), request(fmt.Sprint(i), "join", "x")); err != nil || receipt.Result != "x" {
					t.Errorf("%+v, %v", receipt, err)
				}
			})
		}
		callers.Wait()
		if took := time.Since(begin); took != 2*slow { // the question for the id, and its outcome
			t.Errorf("%d tasks took %v; each asks the store for %v twice", tasks, took, slow)
		}
	})
}

func TestAResultIsToldWhenTheStoreHasIt(t *testing.T) {
	const slow = time.Minute
	shelf := newShelf(func(call, _ string) error {
		if call == "Create" {
			elapse(slow)
		}
		return nil
	})
	bubble(t, scheduler.Config{Store: shelf, DependencyTimeout: time.Hour}, func(t *testing.T, f *fixture) {
		begin := time.Now()
		f.detach(t, request("a", "join", "x"))
		var others sync.WaitGroup
		told := func(who string, o scheduler.Outcome) {
			wantOutcome(t, o, scheduler.Succeeded, "x")
			if _, ok := shelf.has("a"); !ok || time.Since(begin) != slow {
				t.Errorf("%s was told after %v; the store has it: %t", who, time.Since(begin), ok)
			}
		}
		others.Go(func() { o, _ := f.wait(t, "a"); told("who waits", o) })
		others.Go(func() {
			receipt, err := f.Submit(t.Context(), request("a", "join", "x"))
			if err != nil {
				t.Error(err)
			}
			told("who submits it again", receipt.Outcome)
		})
		others.Go(func() {
			elapse(slow / 2)
			c := f.cancel(t, "a") // too late
			if c.Done || c.State != scheduler.Succeeded || time.Since(begin) != slow {
				t.Errorf("Cancel: %+v after %v", c, time.Since(begin))
			}
		})
		f.detach(t, after(request("b", "join", "y"), "a"))
		elapse(slow / 2)
		f.wantGet(t, "a", scheduler.Running, "")
		f.wantGet(t, "b", scheduler.Pending, "")
		others.Wait()
		elapse(2 * slow)
		f.wantGet(t, "b", scheduler.Succeeded, "y")
	})
}

var errBroken = errors.New("the disk of 10.0.0.7 is full")

func TestAnOutcomeThatIsNotStoredIsUnavailable(t *testing.T) {
	var broken atomic.Bool
	broken.Store(true)
	var log strings.Builder
	shelf := newShelf(func(call, _ string) error {
		if call == "Create" && broken.Load() {
			return errBroken
		}
		return nil
	})
	config := scheduler.Config{Store: shelf, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	bubble(t, config, func(t *testing.T, f *fixture) {
		const unavailable = "UNAVAILABLE: the outcome of the task could not be stored"
		receipt, err := f.Submit(t.Context(), request("a", "join", "x"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, unavailable)
		f.wantUnknown(t, "a")

		f.detach(t, request("b", "sleep", "1s"))
		var others sync.WaitGroup
		others.Go(func() {
			_, known, err := f.Wait(t.Context(), "b")
			if wantCode(t, err, task.Unavailable, "could not be stored"); known {
				t.Error("what can't be told is known")
			}
		})
		others.Go(func() {
			receipt, err := f.Submit(t.Context(), after(request("c", "join"), "b"))
			if err != nil {
				t.Error(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Failed, unavailable)
		})
		others.Wait()

		f.detach(t, request("d", "sleep", "1h"))
		synctest.Wait()
		_, err = f.Cancel(t.Context(), "d")
		wantCode(t, err, task.Unavailable, "could not be stored")

		for i := range 10 { // it works only now and then
			broken.Store(i%2 > 0)
			if _, err := f.Submit(t.Context(), request(fmt.Sprint("now and then", i), "join")); err != nil {
				t.Fatal(err)
			}
		}
		broken.Store(false)
		<-time.After(2 * time.Second)
		for _, id := range []string{"a", "b", "c", "d"} { // the ids are free
			receipt, err := f.Submit(t.Context(), request(id, "join", "again"))
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, receipt.Outcome, scheduler.Succeeded, "again")
		}
		if strings.Count(log.String(), "level=ERROR") != 1 || strings.Count(log.String(), "level=INFO") != 1 {
			t.Errorf("the log doesn't tell once that the store fails and once that it works again: %s", log.String())
		}
	})
}

// The dependent's own outcome can be stored: it says why there is none better.
func TestADependentOfAnOutcomeThatIsNotStored(t *testing.T) {
	shelf := newShelf(func(call, id string) error {
		if call == "Create" && id == "dep" {
			return errBroken
		}
		return nil
	})
	bubble(t, scheduler.Config{Store: shelf}, func(t *testing.T, f *fixture) {
		f.detach(t, request("dep", "sleep", "1s"))
		receipt, err := f.Submit(t.Context(), after(request("a", "join"), "dep"))
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipt.Outcome, scheduler.Failed, `UNAVAILABLE: the outcome of dependency "dep" could not be stored`)
	})
}

func TestAStoreThatCannotBeReadRefuses(t *testing.T) {
	shelf := newShelf(func(call, id string) error {
		if call == "Get" && id != "a" {
			return errBroken
		}
		return nil
	})
	bubble(t, scheduler.Config{Store: shelf}, func(t *testing.T, f *fixture) {
		ask := map[string]func() error{
			"Submit":     func() error { _, err := f.Submit(t.Context(), request("b", "join")); return err },
			"dependency": func() error { _, err := f.Submit(t.Context(), after(request("a", "join"), "b")); return err },
			"Get":        func() error { _, _, err := f.Get(t.Context(), "b"); return err },
			"Wait":       func() error { _, _, err := f.Wait(t.Context(), "b"); return err },
			"Cancel":     func() error { _, err := f.Cancel(t.Context(), "b"); return err },
		}
		for name, ask := range ask {
			err := ask()
			wantCode(t, err, task.Unavailable, "can't be read now")
			if err != nil && strings.Contains(err.Error(), "10.0.0.7") {
				t.Errorf("%s: the client sees %v", name, err)
			}
		}
		if receipt, err := f.Submit(t.Context(), request("", "join", "x")); err != nil || receipt.Result != "x" {
			t.Errorf("a task with an id of its own: %+v, %v", receipt, err)
		}
		if receipt, err := f.Submit(t.Context(), request("a", "join", "x")); err != nil || receipt.Result != "x" {
			t.Errorf("the id of the one that was refused: %+v, %v", receipt, err)
		}
	})
}

func TestAFailingStoreIsNeverToldAsSuccess(t *testing.T) {
	const ids, callers, rounds = 16, 32, 100
	shelf := newShelf(func(string, string) error {
		if rand.IntN(4) == 0 {
			return errBroken
		}
		return nil
	})
	f := newFixture(t, scheduler.Config{Store: shelf, MaxSync: 2, DependencyTimeout: time.Minute})
	var all sync.WaitGroup
	var succeeded, unavailable atomic.Int64
	for range callers {
		all.Go(func() {
			for range rounds {
				id := rand.IntN(ids)
				r := request(fmt.Sprint(id), "join", "x")
				if id > 0 && rand.IntN(2) == 0 {
					r.Deps, r.DependencyTimeout = []string{fmt.Sprint(rand.IntN(id))}, time.Millisecond
				}
				receipt, err := f.Submit(t.Context(), r)
				stored, ok := shelf.has(r.ID)
				switch {
				case err != nil:
					wantCode(t, err, task.Unavailable, "")
					unavailable.Add(1)
				case receipt.Err == nil && (!ok || stored != receipt.Outcome):
					t.Errorf("told %+v; stored %+v, %t", receipt, stored, ok)
				case receipt.Err == nil:
					succeeded.Add(1)
				}
			}
		})
	}
	all.Wait()
	if succeeded.Load() == 0 || unavailable.Load() == 0 {
		t.Errorf("%d succeeded, %d were unavailable", succeeded.Load(), unavailable.Load())
	}
	if left, err := f.Drain(t.Context()); left != 0 || err != nil {
		t.Errorf("Drain: %d left, %v", left, err)
	}
	if left := f.Leftovers(); left != "" {
		t.Errorf("in the end: %s", left)
	}
}

// Another node has stored an outcome of the same id first.
func TestTheFirstStoredOutcomeIsTold(t *testing.T) {
	shelf := newShelf(func(string, string) error { return nil })
	bubble(t, scheduler.Config{Store: shelf}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1s"))
		injects := after(request("b", "join"), "a")
		injects.InjectResults = true
		f.detach(t, injects)
		synctest.Wait()
		first := scheduler.Outcome{State: scheduler.Succeeded, Result: "of another", Attempt: 3}
		if _, err := shelf.Create(t.Context(), "a", first); err != nil {
			t.Fatal(err)
		}
		if o, _ := f.wait(t, "a"); o != first {
			t.Errorf("told %+v; want %+v", o, first)
		}
		synctest.Wait()
		f.wantGet(t, "b", scheduler.Succeeded, "of another")
	})
}

func TestTheAttemptIsTold(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		f.detach(t, request("a", "sleep", "1s"))
		synctest.Wait()
		if o, _ := f.get(t, "a"); o.Attempt != 1 || f.Executions()[0].Attempt != 1 {
			t.Errorf("while it runs: %+v", o)
		}
		f.detach(t, waiting("b", "a"))
		if o, _ := f.wait(t, "a"); o.Attempt != 1 {
			t.Errorf("when it has run: %+v", o)
		}
		f.cancel(t, "b")
		if o, _ := f.get(t, "b"); o.Attempt != 0 {
			t.Errorf("without having run: %+v", o)
		}
	})
}
