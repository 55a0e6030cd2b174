package memory

import (
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/elastic"
)

// age lists what was stored, oldest first. As all entries live equally long,
// that is also the order in which they expire.
type age struct {
	config Config
	began  time.Time // records' times count from here

	_       [64]byte // who only reads what is above need not fetch what is below
	mu      sync.Mutex
	records elastic.Queue[record]
	bytes   int64 // of all records
}

// record is what the list knows of one Create.
type record struct {
	id     string
	create uint64
	bytes  int64
	at     time.Duration
}

// now is the time that records count in.
func (a *age) now() time.Duration { return time.Since(a.began) }

// expired reports whether what was stored then has outlived its time.
func (a *age) expired(at time.Duration) bool { return a.now()-at >= a.config.TTL }

// push adds a record and is pop at its time.
func (a *age) push(r record) (oldest record, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records.Push(r)
	a.bytes += r.bytes
	return a.popLocked(r.at)
}

// pop takes the oldest record if it has expired by now, or if there are too many.
// The newest stays however large it is.
func (a *age) pop(now time.Duration) (oldest record, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.popLocked(now)
}

func (a *age) popLocked(now time.Duration) (oldest record, ok bool) {
	n := a.records.Len()
	if n == 0 {
		return record{}, false
	}
	tooMany := n > a.config.Capacity || n > 1 && a.bytes > a.config.Memory
	if !tooMany && now-a.records.First().at < a.config.TTL {
		return record{}, false
	}
	oldest = a.records.Pop()
	a.bytes -= oldest.bytes
	return oldest, true
}
