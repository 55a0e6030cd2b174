package load

import (
	"sync/atomic"
	"time"
)

// phase is what all connections of a run are at: they start, they count, or they
// end what is in flight.
type phase struct {
	counting, over atomic.Bool
}

// A record is what one connection has seen.
type record struct {
	phase     *phase
	latencies Latencies
	err       error // the first
}

func (r *record) stopped() bool { return r.phase.over.Load() || r.err != nil }

func (r *record) add(due time.Time, tasks int64, err error) {
	if err != nil {
		r.fail(err)
	} else if r.phase.counting.Load() {
		r.latencies.Add(time.Since(due), tasks)
	}
}

// fail ends the run of the connection: a server that answers wrongly is not
// measured.
func (r *record) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
