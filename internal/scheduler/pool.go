package scheduler

import "github.com/taskscheduler/taskscheduler/task"

// pool is the slots that some tasks share, and who has one. It is guarded by
// the slots' lock.
type pool struct {
	size    int
	free    int
	holders turnList // of a slot, the one who has held it longest first
	beyond  int      // how many run without a slot
	lanes   map[*task.Task]*lane
}

// lane is a method in a pool, as long as someone waits or runs beyond.
type lane struct {
	pool    *pool
	task    *task.Task
	queue   turnList // of those who wait for a slot
	long    int      // how many run on without a slot, having held one for long
	overdue int      // how many run on although their task has ended
}

// turn is what an execution has of the slots.
type turn struct {
	phase      phase
	tick       uint32 // while holding: the timer's round in which it got its slot
	lane       *lane  // in all other phases but idle
	pool       *pool  // in all phases but idle
	next, prev *execution
}

type phase uint8

const (
	idle    phase = iota
	queued        // it waits for a slot
	holding       // it has one
	long          // it runs on without one
	overdue       // likewise, and its task has ended
)

func (p *pool) init(size int) {
	p.size, p.free = size, size
	p.lanes = make(map[*task.Task]*lane)
}

// laneOf returns the lane of a method, which the caller uses or tidies.
func (p *pool) laneOf(t *task.Task) *lane {
	l := p.lanes[t]
	if l == nil {
		l = &lane{pool: p, task: t}
		p.lanes[t] = l
	}
	return l
}

// tidy forgets a lane that nobody uses.
func (p *pool) tidy(l *lane) {
	if l.queue.first == nil && l.beyond() == 0 {
		delete(p.lanes, l.task)
	}
}

// drop takes from e what it has: a slot, or its place beyond.
func (p *pool) drop(e *execution) {
	l := e.turn.lane
	switch e.turn.phase {
	case holding:
		p.free++
		p.holders.remove(e)
	case long:
		p.beyond--
		l.long--
		p.tidy(l)
	case overdue:
		p.beyond--
		l.overdue--
		p.tidy(l)
	case idle, queued:
	}
	e.turn = turn{}
}

// exceed lets e, which has nothing, run beyond the slots.
func (p *pool) exceed(e *execution, as phase) {
	l := p.laneOf(e.task)
	if as == long {
		l.long++
	} else {
		l.overdue++
	}
	p.beyond++
	e.turn = turn{phase: as, lane: l, pool: p}
}

func (l *lane) beyond() int { return l.long + l.overdue }

// running is how many of the method run, but for those whose task has ended.
func (l *lane) running() (n int) {
	for e := l.pool.holders.first; e != nil; e = e.turn.next {
		if e.task == l.task {
			n++
		}
	}
	return n + l.long
}

// minOverdue is how many functions of a method may run on after their tasks'
// end, on however few cores, before the method has to wait for them.
const minOverdue = 4

// full reports whether a method must wait for its own runs.
func (p *pool) full(t *task.Task) bool {
	if p.beyond == 0 {
		return false
	}
	l := p.lanes[t]
	return l != nil && l.full()
}

func (l *lane) full() bool {
	if l.pool.beyond == 0 {
		return false
	}
	return l.running() >= l.pool.size || l.overdue >= max(l.pool.size, minOverdue)
}

// turnList is a list through the executions themselves, so that one who gives up
// leaves in constant time and leaves nothing behind.
type turnList struct{ first, last *execution }

func (q *turnList) push(e *execution) {
	e.turn.prev, e.turn.next = q.last, nil
	if q.last == nil {
		q.first = e
	} else {
		q.last.turn.next = e
	}
	q.last = e
}

func (q *turnList) remove(e *execution) {
	if e.turn.prev == nil {
		q.first = e.turn.next
	} else {
		e.turn.prev.turn.next = e.turn.next
	}
	if e.turn.next == nil {
		q.last = e.turn.prev
	} else {
		e.turn.next.turn.prev = e.turn.prev
	}
	e.turn.next, e.turn.prev = nil, nil
}
