package scheduler_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// stress is a scheduler under many callers, and what they saw of it.
type stress struct {
	*scheduler.Scheduler

	t    *testing.T
	next atomic.Int64 // callers use the ids around this one

	mu       sync.Mutex
	outcomes map[string]scheduler.Outcome // final ones
	accepted map[string]bool              // ids that must have an outcome
	runs     map[string]int               // calls of the function, by id
	ended    map[string]int               // executions that are remembered, by id
	attempts map[string]int               // that executions say they made, by id
}

// TestStress has many callers submit, join, cancel, wait, poll and leave, and
// looks at what they saw and at what is left when they are gone. STRESS_SEED
// repeats the choices of a run, though not its timing.
func TestStress(t *testing.T) {
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("STRESS_SEED"), "0"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	seed = cmp.Or(seed, rand.Uint64())
	for name, config := range map[string]scheduler.Config{
		"roomy":   {MaxSync: 2, DependencyTimeout: 20 * time.Millisecond},
		"crowded": {MaxConcurrent: 3, MaxSync: 2, MaxPending: 40, DependencyTimeout: 5 * time.Millisecond},
		"slow store": {MaxSync: 2, DependencyTimeout: 20 * time.Millisecond, Store: newShelf(func(string, string) error {
			elapse(time.Duration(rand.IntN(1000)) * time.Microsecond)
			return nil
		})},
	} {
		t.Run(name, func(t *testing.T) {
			newStress(t, config).run(seed)
			if t.Failed() {
				t.Logf("again with STRESS_SEED=%d", seed)
			}
		})
	}
}

func newStress(t *testing.T, config scheduler.Config) *stress {
	t.Helper()
	s := &stress{
		t: t, outcomes: map[string]scheduler.Outcome{}, accepted: map[string]bool{},
		runs: map[string]int{}, ended: map[string]int{}, attempts: map[string]int{},
	}
	if config.Store == nil {
		cache, err := memory.New(memory.Config{TTL: time.Hour, Capacity: 1 << 20, Memory: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(cache.Close)
		config.Store = cache
	}
	onCore, err := task.NewSync(func(words ...string) (string, error) {
		return s.function(t.Context(), words)
	}, task.Name("sync"))
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := task.NewAsync(func(ctx context.Context, words ...string) (string, error) {
		return s.function(ctx, words)
	}, task.Name("async"))
	if err != nil {
		t.Fatal(err)
	}
	config.Tasks, config.Logger = &task.Registry{}, slog.New(slog.DiscardHandler)
	if err := config.Tasks.Add(onCore, waiting); err != nil {
		t.Fatal(err)
	}
	config.Ended = s.hasEnded
	s.Scheduler = scheduler.New(config)
	return s
}

// run lets the callers loose, drains while they are at it, and takes stock.
func (s *stress) run(seed uint64) {
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	var callers sync.WaitGroup
	for i := range 64 {
		callers.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			for ctx.Err() == nil {
				s.step(random)
			}
		})
	}
	patience, enough := context.WithTimeout(s.t.Context(), time.Minute)
	defer enough()
	<-time.After(800 * time.Millisecond)
	for s.ran() < minRuns && patience.Err() == nil { // on a machine with too much to do
		<-time.After(time.Millisecond)
	}
	if left, err := s.Drain(patience); err != nil {
		s.t.Errorf("Drain: %d left, %v", left, err)
	}
	stop()
	callers.Wait()
	s.takeStock(patience)
}

// takeStock waits for the last goroutines to return and checks what is left.
func (s *stress) takeStock(patience context.Context) {
	for (s.Leftovers() != "" || s.miscounts() != "") && patience.Err() == nil {
		runtime.Gosched()
	}
	if left := s.Leftovers() + s.miscounts(); left != "" {
		s.t.Errorf("in the end: %s", left)
	}
	if pending, running := s.Counts(); pending != 0 || running != 0 {
		s.t.Errorf("%d tasks pending, %d running", pending, running)
	}
	for id := range s.accepted {
		o := s.get(id)
		if !o.State.Ended() {
			s.t.Errorf("%s was accepted and is in state %v", id, o.State)
		}
	}
	s.t.Logf("%d tasks accepted, %d run", len(s.accepted), len(s.runs))
	if len(s.runs) < minRuns {
		s.t.Errorf("only %d tasks ran", len(s.runs))
	}
}

// minRuns is how many tasks run at least.
const minRuns = 100

func (s *stress) ran() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.runs)
}

// miscounts tells of ids that ended twice or ran too often.
func (s *stress) miscounts() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wrong strings.Builder
	for id, n := range s.ended {
		if n > 1 {
			fmt.Fprintf(&wrong, "%s ended %d times; ", id, n)
		}
	}
	for id, n := range s.runs {
		if n != s.attempts[id] {
			fmt.Fprintf(&wrong, "%s ran %d times, of %d attempts; ", id, n, s.attempts[id])
		}
	}
	return wrong.String()
}

// step does one thing.
func (s *stress) step(random *rand.Rand) {
	id := s.id(random, 0)
	ctx, leave := context.WithTimeout(s.t.Context(), time.Duration(random.IntN(3000))*time.Microsecond)
	defer leave()
	switch random.IntN(10) {
	case 0:
		c, err := s.Cancel(s.t.Context(), id)
		if err != nil {
			s.t.Errorf("Cancel(%s): %v", id, err)
		}
		if c.Done {
			s.mustEnd(id)
			if c.State != scheduler.Cancelled || !c.Known {
				s.t.Errorf("Cancel(%s): %+v", id, c)
			}
			o := s.get(id)
			if o.State != scheduler.Cancelled {
				s.t.Errorf("%s was cancelled and is %v", id, o.State)
			}
		}
	case 1:
		s.look(id, func() (scheduler.Outcome, bool) {
			o, ok, err := s.Wait(ctx, id)
			if err != nil && ctx.Err() == nil {
				s.t.Errorf("Wait(%s): %v", id, err)
			}
			return o, ok
		})
	case 2, 3:
		s.get(id)
	default:
		if random.IntN(2) == 0 {
			ctx = s.t.Context() // stays
		}
		s.submit(ctx, s.request(random, id))
	}
}

// id picks one of the few that are in use now, or of those shortly before.
func (s *stress) id(random *rand.Rand, before int) string {
	const stepsPerID, inUse = 4, 24
	return strconv.FormatInt(s.next.Add(1)/stepsPerID+int64(random.IntN(inUse+before)-before), 10)
}

func (s *stress) request(random *rand.Rand, id string) scheduler.Request {
	r := request(id, "sync")
	r.Brief = random.IntN(2) == 0
	r.Detached = random.IntN(3) == 0
	does := []string{"return", "return", "return", "wait", "fail", "panic"}
	if random.IntN(2) == 0 {
		r.Method = "async"
		does = append(does, "hang", "hang")
	}
	if random.IntN(4) == 0 {
		r.ExecutionTimeout = time.Duration(1+random.IntN(2000)) * time.Microsecond
	}
	if r.Detached || r.ExecutionTimeout > 0 {
		does = append(does, "exit") // not on a caller's goroutine, which would be gone
	}
	for range random.IntN(4) * random.IntN(2) {
		if dep := s.id(random, 20); dep != id {
			r.Deps = append(r.Deps, dep)
		}
	}
	if random.IntN(2) == 0 {
		r.DependencyTimeout = time.Duration(1+random.IntN(5000)) * time.Microsecond
	}
	if random.IntN(3) == 0 {
		r.Retry = &scheduler.RetryPolicy{MaxAttempts: 1 + random.Uint32N(3), InitialBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond}
	}
	if random.IntN(6) == 0 {
		r.StartAt = time.Now().Add(time.Duration(random.IntN(3000)-500) * time.Microsecond)
	}
	r.InjectResults = random.IntN(2) == 0
	r.Args = strs{append([]string{"|", id, does[random.IntN(len(does))]}, r.Deps...), random.IntN(1000)}
	return r
}

func (s *stress) submit(ctx context.Context, r scheduler.Request) {
	var receipt scheduler.Receipt
	var err error
	s.look(r.ID, func() (scheduler.Outcome, bool) {
		receipt, err = s.Submit(ctx, r)
		return receipt.Outcome, err == nil
	})
	var refused *task.Error
	switch {
	case err == nil:
		s.mustEnd(r.ID)
		if !r.Detached && !receipt.State.Ended() {
			s.t.Errorf("%s was answered in state %v", r.ID, receipt.State)
		}
	case !errors.As(err, &refused):
		s.t.Errorf("Submit(%s): %v", r.ID, err)
	case refused.Code == task.Internal, refused.Code == task.InvalidArgument:
		s.t.Errorf("Submit(%s): %v: %v", r.ID, refused.Code, err)
	}
}

// function is what the tasks do: words are the injected results, "|", the id,
// what to do, and the dependencies.
func (s *stress) function(ctx context.Context, words []string) (string, error) {
	bar := slices.Index(words, "|")
	injected, id, does, deps := words[:bar], words[bar+1], words[bar+2], words[bar+3:]
	s.mu.Lock()
	s.runs[id]++
	s.mu.Unlock()
	for i, dep := range deps {
		if o := s.get(dep); o.State != scheduler.Succeeded {
			s.t.Errorf("%s runs, and its dependency %s is in state %v", id, dep, o.State)
		}
		if len(injected) > 0 && injected[i] != "result of "+dep {
			s.t.Errorf("%s got %q as result of %s", id, injected[i], dep)
		}
	}
	switch does {
	case "wait":
		<-time.After(time.Millisecond)
	case "hang":
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	case "fail":
		return "", errors.New("as asked")
	case "panic":
		panic("as asked")
	case "exit":
		runtime.Goexit()
	}
	return "result of " + id, nil
}

func (s *stress) hasEnded(x scheduler.Execution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts[x.ID] += int(x.Attempt)
	if x.Message != "the caller went away" { // else it is forgotten, and may come again
		s.ended[x.ID]++
	}
}

func (s *stress) mustEnd(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted[id] = true
}

// sameOutcome compares what clients see of outcomes.
func sameOutcome(a, b scheduler.Outcome) bool {
	if a.Err != nil && b.Err != nil && a.Err.Code == b.Err.Code && a.Err.Message == b.Err.Message {
		a.Err = b.Err
	}
	return a == b
}

// look asks for an outcome and checks that what was final before has stayed.
func (s *stress) look(id string, ask func() (scheduler.Outcome, bool)) scheduler.Outcome {
	before, final := s.final(id)
	o, known := ask()
	switch {
	case final && known && !sameOutcome(o, before):
		s.t.Errorf("%s was %+v and is %+v now", id, before, o)
	case known && o.State.Ended():
		s.mu.Lock()
		defer s.mu.Unlock()
		s.outcomes[id] = o
	}
	return o
}

func (s *stress) get(id string) scheduler.Outcome {
	return s.look(id, func() (scheduler.Outcome, bool) {
		o, ok, err := s.Get(s.t.Context(), id)
		if err != nil {
			s.t.Errorf("Get(%s): %v", id, err)
		}
		return o, ok
	})
}

func (s *stress) final(id string) (o scheduler.Outcome, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok = s.outcomes[id]
	return o, ok
}
