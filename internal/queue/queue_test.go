package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	queuetest.Run(t, func(*testing.T) queuetest.Opener {
		log := new(queuetest.Memory)
		return func() (queue.Log, func()) { return log, func() {} }
	})
}

func load(t *testing.T, log queue.Log) (*queue.Queue, []string) {
	t.Helper()
	q := queue.New(log)
	loaded, err := q.Load()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, l := range loaded {
		ids = append(ids, l.ID)
	}
	return q, ids
}

func put(q *queue.Queue, ids ...string) ([]*queue.Entry, error) {
	records := make([]queue.Record, len(ids))
	for i, id := range ids {
		records[i] = queue.Record{ID: id, Request: []byte(id)}
	}
	var kept []*queue.Entry
	answered := make(chan error, 1)
	q.Put(records, func(entries []*queue.Entry, err error) {
		kept = entries
		answered <- err
	})
	return kept, <-answered
}

// TestALogThatTakesLittle: tasks that come at the same time go in as many messages as
// it takes.
func TestALogThatTakesLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &queuetest.Memory{Largest: 1000}
		free := make(chan struct{})
		log.Before = func(string) error {
			<-free
			return nil
		}
		close(free)
		q, _ := load(t, log)
		free = make(chan struct{})
		var kept sync.WaitGroup
		for i := range 100 {
			kept.Go(func() {
				if _, err := put(q, fmt.Sprintf("%0100d", i)); err != nil {
					t.Errorf("task %d: %v", i, err)
				}
			})
		}
		synctest.Wait() // one message is on its way, and the others gather
		close(free)
		kept.Wait()
		if n := q.Usage().Tasks; n != 100 {
			t.Errorf("%d tasks are kept", n)
		}
		q.Close()
	})
}

// TestALogThatFails: who puts is told, and nothing of it comes back, though the
// log may have got it; what ended meanwhile is told later.
func TestALogThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, fails := new(queuetest.Memory), false
		broken := errors.New("broken")
		log.Before = func(call string) error {
			if fails && call == "Append" {
				return broken
			}
			return nil
		}
		q, _ := load(t, log)
		entries, err := put(q, "a", "b")
		if err != nil {
			t.Fatal(err)
		}
		fails = true
		q.Done(entries[0])
		if _, err := put(q, "c"); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if n := q.Usage().Tasks; n != 1 {
			t.Errorf("%d tasks", n)
		}
		synctest.Wait()
		fails = false
		if _, err := put(q, "d"); err != nil {
			t.Error(err)
		}
		q.Close()
		if _, ids := load(t, log); !slices.Equal(ids, []string{"b", "d"}) {
			t.Errorf("kept: %q", ids)
		}
	})
}

// TestAPutThatIsPartlyThere is undone: it is all or none.
func TestAPutThatIsPartlyThere(t *testing.T) {
	log, appends := &queuetest.Memory{}, 0
	log.Before = func(call string) error {
		if call == "Append" {
			if appends++; appends == 2 {
				return errors.New("broken")
			}
		}
		return nil
	}
	q, _ := load(t, log)
	ids := make([]string, 3000) // more than a message takes
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	if _, err := put(q, ids...); err == nil {
		t.Error("no error")
	}
	if n := q.Usage().Tasks; n != 0 {
		t.Errorf("%d tasks", n)
	}
	q.Close()
	if _, ids := load(t, log); len(ids) > 0 {
		t.Errorf("%d are kept", len(ids))
	}
}

// TestWhatIsPutTogetherSharesMessages: while one is on its way, the others gather.
func TestWhatIsPutTogetherSharesMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 100
		release := make(chan struct{})
		log := &queuetest.Memory{Before: func(call string) error {
			if call == "Append" {
				<-release
			}
			return nil
		}}
		q, _ := load(t, log)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				if _, err := put(q, fmt.Sprint(i)); err != nil {
					t.Error(err)
				}
			})
			if i == 0 {
				synctest.Wait() // the first is on its way
			}
		}
		synctest.Wait()
		close(release)
		all.Wait()
		if log.Len() != 2 {
			t.Errorf("%d messages", log.Len())
		}
		q.Close()
	})
}

func TestNothingIsDroppedThatWasNotLoaded(t *testing.T) {
	log := new(queuetest.Memory)
	q, _ := load(t, log)
	if _, err := put(q, "a"); err != nil {
		t.Fatal(err)
	}
	q.Close()
	early := queue.New(log)
	if _, err := put(early, "b"); err == nil {
		t.Error("a queue takes tasks before it is loaded")
	}
	early.Close()
	if _, ids := load(t, log); !slices.Equal(ids, []string{"a"}) {
		t.Errorf("kept: %q", ids)
	}
}

// TestNothingIsDroppedThatOthersTakeOver: they may begin to read the log only after this
// process knows that they will.
func TestNothingIsDroppedThatOthersTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(queuetest.Memory)
		q, _ := load(t, log)
		ended, err := put(q, "ended")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := put(q, "a", "b"); err != nil {
			t.Fatal(err)
		}
		q.Done(ended[0]) // it is about to be told, and dropped
		q.Restart()
		<-time.After(time.Minute)
		if records, err := queue.Records(log); len(records) < 2 || err != nil {
			t.Errorf("they find %d tasks, %v", len(records), err)
		}
		kept, err := put(q, "c")
		if err != nil {
			t.Fatal(err)
		}
		q.Done(kept[0])
		<-time.After(time.Minute)
		if n := log.Len(); n > 1 {
			t.Errorf("%d messages are left in the end", n)
		}
		q.Close()
	})
}

// TestForgettingWhileTasksAreMoved: what is moved was there before others have the log.
func TestForgettingWhileTasksAreMoved(t *testing.T) {
	log := new(queuetest.Memory)
	var q *queue.Queue
	var begun, read, fenced atomic.Bool
	log.Before = func(call string) error {
		switch {
		case !begun.Load():
		case call == "Get":
			read.Store(true)
		case fenced.Load() && call != "Read":
			return queue.ErrFenced
		case call == "Append" && read.Load(): // it is moved
			fenced.Store(true)
			q.Restart()
		}
		return nil
	}
	q, _ = load(t, log)
	if _, err := put(q, "stays"); err != nil {
		t.Fatal(err)
	}
	begun.Store(true)
	for err := error(nil); err == nil; {
		var entries []*queue.Entry
		entries, err = put(q, slices.Repeat([]string{"goes"}, 1000)...)
		for _, e := range entries {
			q.Done(e)
		}
	}
	q.Close()
	records, err := queue.Records(log)
	if err != nil || !slices.ContainsFunc(records, func(r queue.Record) bool { return r.ID == "stays" }) {
		t.Errorf("they find %d tasks without the one that stays, %v", len(records), err)
	}
}

func TestADamagedMessageIsTold(t *testing.T) {
	log := new(queuetest.Memory)
	if _, err := log.Append(tagged.AppendBytes(nil, 1, []byte{255})); err != nil {
		t.Fatal(err)
	}
	if _, err := queue.New(log).Load(); !errors.Is(err, tagged.ErrCut) {
		t.Errorf("got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	log := new(queuetest.Memory)
	q := queue.New(log)
	if _, err := q.Load(); err != nil {
		f.Fatal(err)
	}
	if _, err := put(q, "a", "b"); err != nil {
		f.Fatal(err)
	}
	_ = log.Read(func(_ uint64, message []byte) error {
		f.Add(message, message)
		return nil
	})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		log := new(queuetest.Memory)
		_, _ = log.Append(first)
		_, _ = log.Append(second)
		q := queue.New(log)
		loaded, err := q.Load()
		if err != nil {
			return
		}
		for _, l := range loaded {
			q.Done(l.Entry)
		}
		q.Close()
		if again, err := queue.New(log).Load(); err != nil || len(again) > 0 {
			t.Errorf("%d are left, %v", len(again), err)
		}
	})
}
