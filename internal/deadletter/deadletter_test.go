package deadletter_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func letter(id string, size int64) scheduler.DeadLetter {
	return scheduler.DeadLetter{Execution: scheduler.Execution{ID: id}, ArgBytes: size}
}

// ids are those of the letters in a list, the newest first.
func ids(l *deadletter.List) string {
	var all []string
	for _, each := range l.Select(func(*scheduler.DeadLetter) bool { return true }) {
		all = append(all, each.Execution.ID)
	}
	return strings.Join(all, " ")
}

func TestTheOldestGo(t *testing.T) {
	byCount := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	byBytes := deadletter.New(deadletter.Limits{Count: 100, Bytes: 5000}, nil)
	for i := range 5 {
		byCount.Add(letter(fmt.Sprint(i), 1000))
		byBytes.Add(letter(fmt.Sprint(i), 1000))
	}
	if got, totals := ids(byCount), byCount.Totals(); got != "4 3 2" || totals.Letters != 3 || totals.Added != 5 || totals.Lost != 2 {
		t.Errorf("%s: %+v", got, totals)
	}
	if got, totals := ids(byBytes), byBytes.Totals(); got != "4 3 2" || totals.Bytes > 5000 || totals.Bytes < 3000 {
		t.Errorf("%s: %+v", got, totals)
	}
	byBytes.Add(letter("huge", 1<<20)) // there is no room for it, however many go
	if got, totals := ids(byBytes), byBytes.Totals(); got != "" || totals.Letters != 0 || totals.Bytes != 0 || totals.Lost != 6 {
		t.Errorf("%s: %+v", got, totals)
	}
}

func TestWhatALetterTakes(t *testing.T) {
	l := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	large := letter("a", 100)
	large.Execution.Message = strings.Repeat("m", 1000)
	large.Execution.Labels = make(map[string]string)
	for i := range 16 {
		large.Execution.Labels[fmt.Sprint(i)] = strings.Repeat("v", 256)
	}
	if l.Add(large); l.Totals().Bytes < 100+1000+16*256 {
		t.Errorf("%d bytes", l.Totals().Bytes)
	}
}

func TestTheNewestOfAnID(t *testing.T) {
	l := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	l.Add(letter("a", 1))
	l.Add(letter("b", 1))
	l.Add(letter("a", 2))
	found, ok := l.Find("a")
	if ids(l) != "a b" || !ok || found.ArgBytes != 2 {
		t.Errorf("%s: %+v, %t", ids(l), found, ok)
	}
	if dropped, _, _ := l.Drop("a", "a", "gone"); dropped != 1 || ids(l) != "b" {
		t.Errorf("%s is left", ids(l))
	}
	if _, ok := l.Find("a"); ok {
		t.Error("it is there still")
	}
}

// TestTake is for one at a time: it is out only after a success, nobody else
// takes or drops it meanwhile, and a newer one of its id stays.
func TestTake(t *testing.T) {
	l := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	l.Add(letter("a", 1))
	refused := errors.New("refused")
	err := l.Take("a", func(*scheduler.DeadLetter) error {
		if again := l.Take("a", nil); !errors.Is(again, deadletter.ErrGone) {
			t.Errorf("taken twice: %v", again)
		}
		if dropped, _, _ := l.Drop("a"); dropped != 0 {
			t.Error("it was dropped meanwhile")
		}
		return refused
	})
	if !errors.Is(err, refused) || ids(l) != "a" {
		t.Errorf("%v; %s", err, ids(l))
	}
	err = l.Take("a", func(*scheduler.DeadLetter) error {
		l.Add(letter("a", 2))
		return nil
	})
	if err != nil || ids(l) != "a" {
		t.Errorf("%v; the newer one is gone: %q", err, ids(l))
	}
	if err := l.Take("a", func(*scheduler.DeadLetter) error { return nil }); err != nil || ids(l) != "" {
		t.Errorf("%v; %s", err, ids(l))
	}
	if err := l.Take("a", nil); !errors.Is(err, deadletter.ErrGone) {
		t.Error(err)
	}
}

// TestTakingAndAddingAtATime: each letter is taken once, or is lost, or stays.
func TestTakingAndAddingAtATime(t *testing.T) {
	const letters, goroutines = 2000, 4
	l := deadletter.New(deadletter.Limits{Count: 100, Bytes: 1 << 30}, nil)
	var taken atomic.Uint64
	var working sync.WaitGroup
	for i := range goroutines {
		working.Go(func() {
			for n := range letters {
				l.Add(letter(fmt.Sprintf("%d-%d", i, n), 1))
			}
		})
		working.Go(func() {
			for n := range letters {
				id := fmt.Sprintf("%d-%d", n%goroutines, n)
				if l.Take(id, func(*scheduler.DeadLetter) error { return nil }) == nil {
					taken.Add(1)
				}
			}
		})
	}
	working.Wait()
	totals := l.Totals()
	if left := len(slices.Collect(strings.FieldsSeq(ids(l)))); totals.Letters != left || totals.Added != letters*goroutines {
		t.Errorf("%+v, %d in the list", totals, left)
	}
	if out := taken.Load() + totals.Lost + uint64(totals.Letters); out < totals.Added {
		t.Errorf("%d of %d letters have vanished", totals.Added-out, totals.Added)
	}
}

// keeper keeps letters when it is told to go on.
type keeper struct {
	kept      map[string]int
	answering []func()
}

func (k *keeper) Keep(letter *scheduler.DeadLetter, kept func(forget func())) {
	id := letter.Execution.ID
	k.answering = append(k.answering, func() {
		k.kept[id]++
		kept(func() { k.kept[id]-- })
	})
}

// TestWhatIsKept is forgotten with the letter, even if that goes before it is kept.
func TestWhatIsKept(t *testing.T) {
	k := &keeper{kept: map[string]int{}}
	l := deadletter.New(deadletter.Limits{Count: 2, Bytes: 1 << 20}, k)
	for _, id := range []string{"pushed out", "dropped early", "stays"} {
		l.Add(letter(id, 1))
	}
	l.Drop("dropped early")
	l.Settle()
	for _, answer := range k.answering {
		answer()
	}
	if k.kept["pushed out"] != 0 || k.kept["dropped early"] != 0 || k.kept["stays"] != 1 {
		t.Errorf("%v", k.kept)
	}
	if err := l.Take("stays", func(*scheduler.DeadLetter) error { return nil }); err != nil || k.kept["stays"] != 0 {
		t.Errorf("%v, %v", err, k.kept)
	}
}

// TestRestoredLettersAreInOrder, in whichever they are read, and what there is no
// room for is forgotten.
func TestRestoredLettersAreInOrder(t *testing.T) {
	l := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	start := time.Now()
	var forgotten []int
	for _, i := range []int{3, 0, 4, 1, 2} {
		restored := letter(fmt.Sprint(i), 1)
		restored.Execution.Ended = start.Add(time.Duration(i))
		l.Restore(restored, func() { forgotten = append(forgotten, i) })
	}
	if got := ids(l); got != "4 3 2" || len(forgotten) != 2 {
		t.Errorf("%s; forgotten: %v", got, forgotten)
	}
}

// TestLettersThatAnotherNodeHas are let go of, and not forgotten where they are kept.
func TestLettersThatAnotherNodeHas(t *testing.T) {
	l := deadletter.New(deadletter.Limits{Count: 3, Bytes: 1 << 20}, nil)
	l.Restore(letter("kept", 1), func() { t.Error("it is forgotten") })
	l.Add(letter("here alone", 1))
	l.Restore(letter("kept too", 1), func() { t.Error("it is forgotten") })
	l.GiveUp()
	if got := ids(l); got != "here alone" {
		t.Errorf("%s", got)
	}
}
