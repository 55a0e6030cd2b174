package admin

import (
	"slices"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// searches is how often a page is made anew because tasks have ended meanwhile.
const searches = 3

// search returns the executions of a page, newest first, and one more if there
// is one, and how many there are on all pages if that is asked. It looks at every
// execution, but copies those alone that get on the page.
func (s *service) search(q *query) (found []*scheduler.Execution, total uint64) {
	if q.node != "" && q.node != s.config.NodeID {
		return nil, 0
	}
	for try := 1; ; try++ {
		p := page{query: q, at: positionOf}
		// In this order none is missed that ends between the two; such a one is in
		// both, and counts as ended. So is one that is overdue.
		s.config.Scheduler.EachExecution(p.add)
		p.ended = true
		s.config.History.EachEnded(p.add)
		if !p.lost || try == searches {
			return p.list, p.total
		}
	}
}

// A page is the executions that a query has found so far, in order.
type page struct {
	query *query
	at    func(*scheduler.Execution) position // where one stands
	list  []*scheduler.Execution
	ended bool // those that come now have ended
	lost  bool // one more might have been on it
	total uint64
}

// add puts a copy of x where it belongs on the page, if it does. There may be very
// many executions, so those that don't get on it cost little.
func (p *page) add(x *scheduler.Execution) {
	// One that is overdue has ended, and comes again.
	if p.query.count && (p.ended || !x.Overdue) && p.query.matches(x) {
		p.total++
	}
	at := p.at(x)
	if p.query.after != nil && at.compare(*p.query.after) <= 0 {
		return
	}
	full := len(p.list) > p.query.limit
	if full && at.compare(p.at(p.list[len(p.list)-1])) > 0 {
		return
	}
	place, there := slices.BinarySearchFunc(p.list, at, func(other *scheduler.Execution, at position) int {
		return p.at(other).compare(at)
	})
	switch matches := p.query.matches(x); {
	case there && !p.ended: // it has become overdue just now
	case there && !matches:
		p.list, p.lost = slices.Delete(p.list, place, place+1), p.lost || full
	case there:
		overdue := p.list[place].Overdue
		*p.list[place] = *x
		p.list[place].Overdue = overdue
	case matches:
		var room *scheduler.Execution
		if full { // the last one leaves it
			room = p.list[len(p.list)-1]
			p.list = p.list[:len(p.list)-1]
		} else {
			room = new(scheduler.Execution)
		}
		*room = *x
		p.list = slices.Insert(p.list, place, room)
	}
}
