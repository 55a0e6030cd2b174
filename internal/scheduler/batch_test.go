package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// chain returns a batch in which each task waits for the one after it: the
// last is the first to run.
func chain(n int) []scheduler.Request {
	batch := make([]scheduler.Request, n)
	for i := range batch {
		batch[i] = request(fmt.Sprint(i), "join", "x")
		if i < n-1 {
			batch[i].Deps, batch[i].InjectResults = []string{fmt.Sprint(i + 1)}, true
		}
	}
	return batch
}

func TestABatchMayDependOnItselfInAnyOrder(t *testing.T) {
	const n = 1000
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		receipts, err := f.SubmitBatch(t.Context(), chain(n))
		if err != nil || len(receipts) != n {
			t.Fatalf("%d receipts, %v", len(receipts), err)
		}
		for i, receipt := range receipts {
			if receipt.ID != fmt.Sprint(i) {
				t.Fatalf("receipt %d is that of %q", i, receipt.ID)
			}
		}
		wantOutcome(t, receipts[0].Outcome, scheduler.Succeeded, strings.TrimSuffix(strings.Repeat("x,", n), ","))
	})
}

func TestABatchAnswersEachTask(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		if _, err := f.Submit(t.Context(), request("old", "join", "before")); err != nil {
			t.Fatal(err)
		}
		later := request("later", "sleep", "1m")
		later.Detached = true
		waits := request("waits", "join")
		waits.Deps = []string{"fails"}
		receipts, err := f.SubmitBatch(t.Context(), []scheduler.Request{
			request("", "join", "a"), request("fails", "fail", "no"), request("old", "join", "again"),
			request("twice", "join", "1"), request("twice", "join", "2"), later, waits, request("slow", "sleep", "1s"),
		})
		if err != nil {
			t.Fatal(err)
		}
		wantOutcome(t, receipts[0].Outcome, scheduler.Succeeded, "a")
		if receipts[0].ID == "" {
			t.Error("a task without an id got none")
		}
		wantOutcome(t, receipts[1].Outcome, scheduler.Failed, "INVALID_ARGUMENT: no")
		wantOutcome(t, receipts[2].Outcome, scheduler.Succeeded, "before")
		wantOutcome(t, receipts[3].Outcome, scheduler.Succeeded, "1")
		wantOutcome(t, receipts[4].Outcome, scheduler.Succeeded, "1")
		wantOutcome(t, receipts[5].Outcome, scheduler.Pending, "")
		wantOutcome(t, receipts[6].Outcome, scheduler.Failed, `FAILED_PRECONDITION: dependency "fails"`)
		wantOutcome(t, receipts[7].Outcome, scheduler.Succeeded, "slept")
		f.cancel(t, "later")
	})
}

func TestABatchIsAdmittedWholeOrNotAtAll(t *testing.T) {
	dependent := func(id string, deps ...string) scheduler.Request {
		r := request(id, "join")
		r.Deps = deps
		return r
	}
	full := make([]scheduler.Request, 5)
	for i := range full {
		full[i] = request(fmt.Sprint(i), "sleep", "1s")
	}
	for name, test := range map[string]struct {
		batch []scheduler.Request
		index int
		code  task.Code
		text  string
	}{
		"an unknown method":     {[]scheduler.Request{request("0", "join"), request("1", "nobody")}, 1, task.NotFound, "tasks[1]: Method not found: nobody"},
		"an unknown dependency": {[]scheduler.Request{request("0", "join"), dependent("1", "0"), dependent("2", "ghost")}, 2, task.FailedPrecondition, `tasks[2]: dependency "ghost" is unknown`},
		"itself":                {[]scheduler.Request{dependent("0", "0")}, 0, task.InvalidArgument, "depends on itself"},
		"a cycle":               {[]scheduler.Request{request("0", "join"), dependent("1", "2"), dependent("2", "3"), dependent("3", "1")}, 1, task.FailedPrecondition, `"1" → "2" → "3" → "1"`},
		"too many":              {full, 4, task.ResourceExhausted, "have not ended"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, scheduler.Config{MaxPending: 4}, func(t *testing.T, f *fixture) {
				_, err := f.SubmitBatch(t.Context(), test.batch)
				refusal, ok := errors.AsType[*scheduler.BatchError](err)
				if !ok || refusal.Index != test.index || task.ErrorOf(err).Code != test.code || !strings.Contains(task.ErrorOf(err).Message, test.text) {
					t.Fatalf("got %v", err)
				}
				for i := range test.batch {
					if o, known, _ := f.Get(t.Context(), fmt.Sprint(i)); known {
						t.Errorf("task %d is there: %+v", i, o)
					}
				}
				if admitted := f.Admitted(); admitted != (scheduler.Admitted{}) {
					t.Errorf("the refused batch has taken %+v", admitted)
				}
				if f.ran("join")+f.ran("sleep") != 0 {
					t.Error("some of the refused batch ran")
				}
			})
		})
	}
}

func TestALongBatchIsForAllCores(t *testing.T) {
	bubble(t, scheduler.Config{MaxSync: 4}, func(t *testing.T, f *fixture) {
		began := time.Now()
		batch := make([]scheduler.Request, 13)
		for i := range batch {
			batch[i] = request("", "spin", "1s")
		}
		if _, err := f.SubmitBatch(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("13 s of work for 4 took %v", took)
		}
	})
}

func TestWhoLeavesABatchLeavesItsTasks(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		kept := request("kept", "sleep", "1m")
		kept.Detached = true
		_, err := f.SubmitBatch(ctx, []scheduler.Request{kept, request("a", "sleep", "1m"), request("b", "sleep", "1m")})
		if task.ErrorOf(err).Code != task.DeadlineExceeded {
			t.Fatalf("got %v", err)
		}
		synctest.Wait()
		for _, id := range []string{"a", "b"} {
			if _, known, _ := f.Get(t.Context(), id); known {
				t.Errorf("task %s goes on", id)
			}
		}
		f.wantGet(t, "kept", scheduler.Running, "")
		f.cancel(t, "kept")
	})
}

// answers is a Waiter that keeps what it is told.
type answers struct {
	f    *fixture
	seen []string
}

func (*answers) Placed() {}

func (a *answers) Answered(receipt scheduler.Receipt, err error) {
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	if err != nil {
		a.seen = append(a.seen, task.ErrorOf(err).Code.String())
		return
	}
	a.seen = append(a.seen, receipt.ID+"="+receipt.Result)
}

func (a *answers) want(t *testing.T, want ...string) {
	t.Helper()
	a.f.mu.Lock()
	defer a.f.mu.Unlock()
	if !slices.Equal(a.seen, want) {
		t.Errorf("got %q, want %q", a.seen, want)
	}
}

func TestSubmitThenTellsInTheOrderOfTheEnds(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		a := &answers{f: f}
		f.SubmitThen(t.Context(), request("slow", "sleep", "2s"), a)
		f.SubmitThen(t.Context(), request("quick", "sleep", "1s"), a)
		if awaited := f.SubmitThen(t.Context(), request("now", "join", "x"), a); awaited != nil {
			t.Error("the answer of a task that ran at once is still to come")
		}
		f.SubmitThen(t.Context(), request("", "nobody"), a)
		f.SubmitThen(t.Context(), request("now", "join", "again"), a)
		a.want(t, "now=x", "NOT_FOUND", "now=x")
		f.SubmitThen(t.Context(), request("quick", "join", "again"), a)
		dependent := request("after", "join", "y")
		dependent.Deps, dependent.InjectResults = []string{"slow"}, true
		f.SubmitThen(t.Context(), dependent, a)
		later := request("later", "sleep", "1h")
		later.Detached = true
		f.SubmitThen(t.Context(), later, a)
		time.Sleep(3 * time.Second) //nolint:forbidigo // the clock is synctest's
		synctest.Wait()
		a.want(t, "now=x", "NOT_FOUND", "now=x", "later=", "quick=slept", "quick=slept", "slow=slept", "after=slept,y")
		f.cancel(t, "later")
	})
}

func TestWhoLeavesIsNotTold(t *testing.T) {
	bubble(t, scheduler.Config{}, func(t *testing.T, f *fixture) {
		a := &answers{f: f}
		alone := f.SubmitThen(t.Context(), request("alone", "sleep", "1s"), a)
		first := f.SubmitThen(t.Context(), request("shared", "sleep", "1s"), a)
		f.SubmitThen(t.Context(), request("shared", "sleep", "1s"), a)
		alone.Leave()
		first.Leave()
		first.Leave()
		synctest.Wait()
		if _, known, _ := f.Get(t.Context(), "alone"); known {
			t.Error("a task that nobody wants goes on")
		}
		time.Sleep(2 * time.Second) //nolint:forbidigo // the clock is synctest's
		synctest.Wait()
		a.want(t, "shared=slept")
	})
}
