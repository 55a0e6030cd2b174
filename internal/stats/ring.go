package stats

import "github.com/taskscheduler/taskscheduler/internal/scheduler"

// A ring holds the last of what was put into it. It takes memory as it fills.
type ring struct {
	size   uint64
	pages  [][]entry // nil until they are reached; see at
	oldest uint64    // the first entry that is there
	next   uint64    // the entry to come, which is how many there were
	bytes  int64     // that the entries hold beside themselves
	most   int64
}

// pageSize is how many entries a page has.
const pageSize = 128

// averageBytes is what the entries of a full ring may hold each, on average: an
// id, a message and labels of the largest kind are more than twice that.
const averageBytes = 2560

// MostBytes is about how many bytes of memory a full [History] takes for each execution,
// at most: what it holds, and its place.
const MostBytes = averageBytes + 256

func newRing(size int) ring {
	return ring{size: uint64(size), pages: make([][]entry, (size+pageSize-1)/pageSize), most: int64(size) * averageBytes}
}

// at is the place of the i-th entry.
func (r *ring) at(i uint64) *entry {
	place := i % r.size
	page := &r.pages[place/pageSize]
	if *page == nil {
		*page = make([]entry, pageSize)
	}
	return &(*page)[place%pageSize]
}

// An entry is an execution with its place among all that have ended.
type entry struct {
	number    uint64
	bytes     int64 // the execution's Size; a ring sets it
	execution scheduler.Execution
}

func (r *ring) put(e *entry) {
	e.bytes = int64(e.execution.Size())
	place := r.at(r.next)
	if r.next-r.oldest == r.size { // the oldest is there
		r.bytes -= place.bytes
		r.oldest++
	}
	*place = *e
	r.next++
	r.bytes += e.bytes
	for r.bytes > r.most && r.next-r.oldest > 1 {
		r.drop()
	}
}

// drop drops the oldest entry.
func (r *ring) drop() {
	e := r.at(r.oldest)
	r.bytes -= e.bytes
	*e = entry{}
	r.oldest++
}

// visitBefore calls visit with up to limit entries, going backwards from the one
// before end, and returns where to go on. It returns 0 after the oldest.
func (r *ring) visitBefore(end uint64, limit int, visit func(*entry)) (next uint64) {
	for range limit {
		if end <= r.oldest {
			return 0
		}
		end--
		visit(r.at(end))
	}
	return end
}
