package stats

import "github.com/taskscheduler/taskscheduler/internal/scheduler"

// A ring holds the last of what was put into it.
type ring struct {
	entries []entry // entry i is at i modulo the length
	oldest  uint64  // the first that is there
	next    uint64  // the entry to come, which is how many there were
	bytes   int64   // that the entries hold beside themselves
	most    int64
}

// averageBytes is what the entries of a full ring may hold each, on average: an
// id, a message and labels of the largest kind are more than twice that.
const averageBytes = 2560

func newRing(size int) ring {
	return ring{entries: make([]entry, size), most: int64(size) * averageBytes}
}

// An entry is an execution with its place among all that have ended.
type entry struct {
	number    uint64
	execution scheduler.Execution
}

func (r *ring) put(e entry) {
	if r.next-r.oldest == uint64(len(r.entries)) {
		r.drop()
	}
	r.entries[r.next%uint64(len(r.entries))] = e
	r.next++
	r.bytes += int64(e.execution.Size())
	for r.bytes > r.most && r.next-r.oldest > 1 {
		r.drop()
	}
}

// drop drops the oldest entry.
func (r *ring) drop() {
	e := &r.entries[r.oldest%uint64(len(r.entries))]
	r.bytes -= int64(e.execution.Size())
	*e = entry{}
	r.oldest++
}

// appendBefore appends up to limit entries to list, going backwards from the
// one before end, and returns where to go on. It returns 0 after the oldest.
func (r *ring) appendBefore(list []entry, end uint64, limit int) (longer []entry, next uint64) {
	size := uint64(len(r.entries))
	for range limit {
		if end <= r.oldest {
			return list, 0
		}
		end--
		list = append(list, r.entries[end%size])
	}
	return list, end
}
