package service

import (
	"sync"

	"github.com/taskscheduler/taskscheduler/task"
)

// watchers counts the WatchTask streams: each has a goroutine and buffers of its
// connection, for as long as a task runs.
type watchers struct {
	mu       sync.Mutex
	all      int
	byCaller map[string]int
}

// shareOfFree is how many times what is free a caller may have, as with tasks.
const shareOfFree = 4

// enter counts one more, until leave is called; most bounds them if it isn't zero.
func (w *watchers) enter(caller string, most int) (leave func(), err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch mine := w.byCaller[caller]; {
	case most == 0:
	case w.all >= most:
		return nil, task.Errorf(task.ResourceExhausted, "%d tasks are being watched, as many as may; try again later", w.all)
	case mine > 0 && mine >= shareOfFree*(most-w.all):
		return nil, task.Errorf(task.ResourceExhausted,
			"this client watches %d tasks, its share of the %d that may be; try again later", mine, most)
	}
	if w.byCaller == nil {
		w.byCaller = make(map[string]int)
	}
	w.all++
	w.byCaller[caller]++
	return func() { w.leave(caller) }, nil
}

func (w *watchers) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

func (w *watchers) leave(caller string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all--
	if w.byCaller[caller]--; w.byCaller[caller] == 0 {
		delete(w.byCaller, caller)
	}
}
