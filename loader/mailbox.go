package loader

import "sync"

// A mailbox holds what a supervisor has yet to do, in order. Posting does
// not wait for it.
type mailbox struct {
	wake chan struct{} // has room for one: there is something

	mu     sync.Mutex
	acts   []func()
	closed bool
}

// post leaves an act to do. It returns false when nobody will do it any more.
func (m *mailbox) post(act func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.acts = append(m.acts, act)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns what there is to do, and nothing when that is empty.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	acts := m.acts
	m.acts = nil
	return acts
}

// close returns what is left to do.
func (m *mailbox) close() []func() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	return m.take()
}
