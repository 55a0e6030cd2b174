package memory

import (
	"sync"
	"time"
)

// age lists what was put, oldest first. As all entries live equally long, that
// is also the order in which they expire.
type age struct {
	config Config
	began  time.Time // records' times count from here

	mu      sync.Mutex
	records []record // from first on
	first   int
	bytes   int64 // of all records
}

// record is what the list knows of one Put.
type record struct {
	id    string
	put   uint64
	bytes int64
	at    time.Duration
}

// shrinkFrom is the size from which an emptied list gives its memory back.
const shrinkFrom = 1024

// now is the time that records count in.
func (a *age) now() time.Duration { return time.Since(a.began) }

// expired reports whether what was put then has outlived its time.
func (a *age) expired(at time.Duration) bool { return a.now()-at >= a.config.TTL }

func (a *age) push(r record) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.first > len(a.records)/2 && len(a.records) == cap(a.records) {
		a.compact()
	}
	a.records = append(a.records, r)
	a.bytes += r.bytes
}

// pop takes the oldest record if it has expired, or if there are too many. The
// newest stays however large it is.
func (a *age) pop() (oldest record, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.records) - a.first
	if n == 0 {
		return record{}, false
	}
	oldest = a.records[a.first]
	tooMany := n > a.config.Capacity || n > 1 && a.bytes > a.config.Memory
	if !tooMany && !a.expired(oldest.at) {
		return record{}, false
	}
	a.records[a.first] = record{} // so that the id can go
	a.first++
	a.bytes -= oldest.bytes
	switch {
	case n == 1:
		a.records, a.first = a.records[:0], 0
		if cap(a.records) >= shrinkFrom {
			a.records = nil
		}
	case cap(a.records) >= shrinkFrom && n < cap(a.records)/8:
		a.compact()
	}
	return oldest, true
}

// compact moves the records to the front, of a smaller slice if most of this
// one is empty.
func (a *age) compact() {
	live := a.records[a.first:]
	if cap(a.records) >= shrinkFrom && len(live) < cap(a.records)/8 {
		a.records = append(make([]record, 0, 2*len(live)), live...)
	} else {
		n := copy(a.records, live)
		clear(a.records[n:])
		a.records = a.records[:n]
	}
	a.first = 0
}
