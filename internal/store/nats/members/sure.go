package members

import (
	"sync/atomic"
	"time"
)

// sure tells for how long nobody can have taken this node for dead.
type sure struct {
	began time.Time    // of the counting
	last  atomic.Int64 // when the last renewal that succeeded has begun, in nanoseconds since began
}

// since takes in that a renewal succeeded that began at a time: others have seen it
// later.
func (s *sure) since(began time.Time) { s.last.Store(int64(began.Sub(s.began))) }

// Sure reports whether nobody can have taken this node for dead: its entry was renewed
// within the lease, by its own clock. Otherwise others may have ended its tasks, or be
// about to.
func (m *Members) Sure() bool {
	return m.joined.Load() && time.Since(m.sure.began)-time.Duration(m.sure.last.Load()) < m.config.Lease
}

// Doubt is called when there is a trace of another node that takes over from this one.
// If the entry is still this node's, that one was too late: [Config.Joined] is called
// again.
func (m *Members) Doubt() {
	m.doubt.Store(true)
	m.renewSoon()
}

// beginAgain begins anew where another node has left a trace. What this one has stays: the
// other one drops nothing that it has not taken over, and need not have taken it.
func (m *Members) beginAgain() {
	if err := m.config.Joined(m.alive); err != nil {
		return // it is tried again
	}
	switch mine, err := m.confirm(m.alive); {
	case err != nil: // likewise
	case !mine:
		m.rejoin()
	default:
		m.doubt.Store(false)
		m.config.Logger.Warn("a node that stood still, or was cut off, has begun to take over from this one, too late: this one goes on")
		m.config.Confirmed()
	}
}
