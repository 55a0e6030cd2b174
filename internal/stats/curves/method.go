package curves

import (
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/stats"
)

// A method is what is kept of one.
type method struct {
	name   string
	own    bool         // it has points
	calls  uint64       // that are counted already
	before stats.Method // as it was then
	// What was added since the last point.
	open   point
	runs   stats.Histogram
	points []Sample // a ring: number n is at n % pointsKept
	number uint64   // of points there ever were
	quiet  int      // the points since something ended
}

type point struct{ calls, failures, cancelled uint64 }

// add takes in what a method has done since it was looked at last.
func (m *method) add(now *stats.Method, sample *Sample, runs *stats.Histogram) {
	delta := now.Runs.Since(&m.before.Runs)
	calls, failures, cancelled := now.Calls()-m.before.Calls(), now.Failed-m.before.Failed, now.Cancelled-m.before.Cancelled
	sample.Calls += calls
	sample.Failures += failures
	sample.Cancelled += cancelled
	runs.Merge(&delta)
	if m.own {
		m.open.calls += calls
		m.open.failures += failures
		m.open.cancelled += cancelled
		m.runs.Merge(&delta)
	}
	m.before, m.calls = *now, now.Calls()
}

// close makes a point of what was added. A method that has been quiet for as long as
// points are kept has none.
func (m *method) close(now time.Time) {
	if !m.own {
		return
	}
	if m.quiet++; m.open.calls > 0 {
		m.quiet = 0
	}
	if m.quiet >= pointsKept {
		m.points, m.number = nil, 0
		return
	}
	p := Sample{
		Time: now, Period: pointSeconds * time.Second,
		Calls: m.open.calls, Failures: m.open.failures, Cancelled: m.open.cancelled,
		Runs: m.runs.Count, P50: m.runs.Quantile(0.50), P99: m.runs.Quantile(0.99),
	}
	m.open, m.runs = point{}, stats.Histogram{}
	if len(m.points) < pointsKept {
		m.points = append(m.points, p)
	} else {
		m.points[m.number%pointsKept] = p
	}
	m.number++
}

// last returns the newest points, oldest first.
func (m *method) last(n int) []Sample {
	n = min(n, len(m.points))
	list := make([]Sample, 0, n)
	for number := m.number - uint64(n); number < m.number; number++ {
		list = append(list, m.points[number%pointsKept])
	}
	return list
}

// A Method is how a method did in the last [Recent] seconds.
type Method struct {
	Sample

	Name string
}

// Methods returns how those did that ended something in the last [Recent] seconds.
func (r *Recorder) Methods() []Method {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []Method
	for _, m := range r.methods {
		sum := Method{Name: m.name}
		for _, p := range m.last(Recent / pointSeconds) {
			sum.Time, sum.Period = p.Time, sum.Period+p.Period
			sum.Calls, sum.Failures, sum.Cancelled = sum.Calls+p.Calls, sum.Failures+p.Failures, sum.Cancelled+p.Cancelled
			sum.Runs += p.Runs
			sum.P50, sum.P99 = max(sum.P50, p.P50), max(sum.P99, p.P99)
		}
		if sum.Calls > 0 {
			list = append(list, sum)
		}
	}
	return list
}

// Of returns the points of a method after a time, oldest first: one each five
// seconds.
func (r *Recorder) Of(name string, after time.Time) []Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.methods[name]
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(m.last(pointsKept), func(p Sample) bool { return !p.Time.After(after) })
}
