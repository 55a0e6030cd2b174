package journal_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

// TestManyAtOnce has executions that talk, end and come again in a book that is
// too small for them, while others read: nothing is counted wrong, numbers only go
// up, and who waits is woken.
func TestManyAtOnce(t *testing.T) {
	const total = 40 << 10
	b := journal.NewBook(journal.Limits{Total: total, Each: 4 << 10})
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for round := range 200 {
				talk(t, b, fmt.Sprint("task ", (worker+round)%10), total)
			}
		})
	}
	all.Wait()
	for i := range 100 { // what is left is what has ended; it all can go
		j := open(t, b, fmt.Sprint("last ", i))
		j.End(store.Succeeded, time.Now())
	}
	if got := b.Bytes(); got > total || got < 1<<10 {
		t.Errorf("%d bytes are left", got)
	}
}

// talk is an execution, and one who watches it.
func talk(t *testing.T, b *journal.Book, id string, total int64) {
	t.Helper()
	j := b.Open(journal.Start{ID: id, Submitted: time.Now()})
	if j == nil {
		return // the others have all the room
	}
	var watcher sync.WaitGroup
	watcher.Go(func() {
		seen := uint64(0)
		for {
			events, more := j.Since(seen, 5)
			for _, e := range events {
				if e.Number <= seen {
					t.Errorf("%d comes after %d", e.Number, seen)
				}
				seen = e.Number
			}
			switch {
			case len(events) > 0:
			case more == nil:
				return
			default:
				<-more
			}
		}
	})
	j.State(store.Running, time.Now())
	for range rand.N(20) {
		switch text := strings.Repeat("x", rand.N(2000)); rand.N(3) {
		case 0:
			j.Progress(rand.Float64(), text)
		case 1:
			j.Arguments(text, nil, 0)
		default:
			j.Log(slog.LevelInfo, text)
		}
		if got := b.Bytes(); got > total {
			t.Errorf("%d bytes are kept", got)
		}
		if other := b.Find(id); other != nil {
			_ = other.Record()
		}
	}
	j.End(store.Failed, time.Now())
	watcher.Wait()
}
