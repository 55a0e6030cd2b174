package stats

import "github.com/taskscheduler/taskscheduler/internal/scheduler"

// A ring holds the last of what was put into it.
type ring struct {
	entries []entry // entry i is at i modulo the length
	next    uint64  // the entry to come, which is how many there were
}

// An entry is an execution with its place among all that have ended.
type entry struct {
	number    uint64
	execution scheduler.Execution
}

func (r *ring) put(e entry) {
	r.entries[r.next%uint64(len(r.entries))] = e
	r.next++
}

// appendBefore appends up to limit entries to list, going backwards from the
// one before end, and returns where to go on. It returns 0 after the oldest.
func (r *ring) appendBefore(list []entry, end uint64, limit int) (longer []entry, next uint64) {
	size := uint64(len(r.entries))
	oldest := r.next - min(r.next, size)
	for range limit {
		if end <= oldest {
			return list, 0
		}
		end--
		list = append(list, r.entries[end%size])
	}
	return list, end
}
