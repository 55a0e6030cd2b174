package stats

import (
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	// maxMethods bounds the methods that have statistics of their own.
	maxMethods = 10_000
	// Others is the name under which methods beyond that are counted together.
	// No task can be called so.
	Others = "(others)"
)

// methods are the statistics of each. Each has a lock of its own, and finding one
// takes none.
type methods struct {
	byName sync.Map // of *counted; what is in ordered, by name

	mu      sync.Mutex
	ordered []*counted // only ever appended to
}

type counted struct {
	mu     sync.Mutex
	method Method
}

func (m *methods) add(x *scheduler.Execution) {
	c := m.of(x.Task.Name)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.method.add(x)
}

func (m *methods) of(name string) *counted {
	if c, ok := m.byName.Load(name); ok {
		return c.(*counted) //nolint:forcetypeassert // the map has nothing else
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.ordered) >= maxMethods {
		if _, ok := m.byName.Load(name); !ok {
			name = Others
		}
	}
	if c, ok := m.byName.Load(name); ok { // since then
		return c.(*counted) //nolint:forcetypeassert // likewise
	}
	c := &counted{method: Method{Name: name}}
	m.byName.Store(name, c)
	m.ordered = append(m.ordered, c)
	return c
}

// each calls visit with the statistics of every method that has been run, one after
// another, which visit must not keep.
func (m *methods) each(visit func(*Method)) {
	m.mu.Lock()
	all := m.ordered
	m.mu.Unlock()
	for _, c := range all {
		c.mu.Lock()
		visit(&c.method)
		c.mu.Unlock()
	}
}

// all returns the statistics of every method that has been run, in no order.
func (m *methods) all() (list []Method) {
	m.each(func(method *Method) { list = append(list, *method) })
	return list
}
