package journal

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Since returns the oldest events after the one of that number that are kept, at
// most so many, and what is closed when there are more than there are now; nil
// when the execution has ended.
func (j *Journal) Since(after uint64, limit int) (events []Event, more <-chan struct{}) {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	add := func(e *Event) {
		if e.Number > after {
			events = append(events, *e)
		}
	}
	for i := range j.states {
		add(&j.states[i])
	}
	add(&j.progress)
	add(&j.end)
	at := sort.Search(len(j.lines), func(i int) bool { return j.lines[i].Number > after })
	events = append(events, j.lines[at:min(len(j.lines), at+limit)]...)
	slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(a.Number, b.Number) })
	if events = events[:min(len(events), limit)]; j.end.Number > 0 {
		return events, nil
	}
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return events, j.changed
}

// A Record is all that is kept of an execution.
type Record struct {
	// States are those that were reached, the final one too, oldest first.
	States []Event
	// Progress is the last that it said; Number is 0 when it said nothing.
	Progress Event
	// Lines are the newest ones that it logged, oldest first, and Left how many
	// older ones are not kept any more.
	Lines []Event
	Left  uint64
	// Arguments is a text for what it was called with; empty when it isn't kept.
	Arguments string
	// Values are the same by kind; nil when they were too large to be kept, or there
	// were none. They must not be changed.
	Values []task.Value
}

// Record returns all that is kept.
func (j *Journal) Record() Record {
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	r := Record{
		States: slices.Clone(j.states), Progress: j.progress,
		Lines: slices.Clone(j.lines), Left: j.left, Arguments: j.args.text, Values: j.args.values,
	}
	if j.end.Number > 0 {
		r.States = append(r.States, j.end)
	}
	return r
}

// Of tells whether the journal is that of the execution that was submitted then:
// an id may come again when its outcome has been forgotten.
func (j *Journal) Of(submitted time.Time) bool { return j.submitted.Equal(submitted) }
