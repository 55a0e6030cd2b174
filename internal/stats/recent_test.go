package stats

import (
	"cmp"
	"slices"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// Recent returns the executions that ended last, the latest first, and after them
// older ones that failed.
func (h *History) Recent() []scheduler.Execution {
	var all []entry
	add := func(e *entry) { all = append(all, *e) }
	for i := range h.ended {
		h.ended[i].each(add)
	}
	h.failed.each(add)
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(b.number, a.number) })
	all = slices.CompactFunc(all, func(a, b entry) bool { return a.number == b.number })
	list := make([]scheduler.Execution, 0, len(all))
	for i := range all {
		list = append(list, all[i].execution)
	}
	return list
}
