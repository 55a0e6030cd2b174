// Package curves keeps how the server did in the last minutes, second by second,
// and how each method did. Nothing is added to a call's way for it: once a second
// it looks at what is counted anyway.
package curves

import (
	"context"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/stats"
)

const (
	// kept is how many samples of all methods together there are, one a second.
	kept = 600
	// Each method has pointsKept points of pointSeconds each.
	pointsKept, pointSeconds = 120, 5
	// maxMethods bounds the methods that have points of their own: those that ran
	// first.
	maxMethods = 1000
)

// Recent is of how many seconds what [Recorder.Methods] returns is, at the most.
const Recent = 2 * pointSeconds

// Config is what a [Recorder] looks at.
type Config struct {
	History *stats.History
	// Counts returns how many tasks wait, run, and are overdue.
	Counts func() (pending, running, overdue int)
}

// A Sample is what happened within Period, up to Time.
type Sample struct {
	Time   time.Time
	Period time.Duration
	// Calls are the executions that ended; Failures and Cancelled are among them.
	Calls, Failures, Cancelled uint64
	// P50 and P99 are of how long they ran, estimated. Runs is how many ran.
	P50, P99 time.Duration
	Runs     uint64
	// Running, Pending and Overdue are how many there were at the end.
	Running, Pending, Overdue int
}

// A Recorder keeps samples. All methods are safe for concurrent use.
type Recorder struct {
	config Config

	mu      sync.Mutex
	last    time.Time // when it looked last
	number  uint64    // of samples there ever were
	samples []Sample  // a ring: number n is at n % kept
	methods map[string]*method
	since   int           // seconds since the methods had their last point
	changed chan struct{} // closed when there is another sample
}

// New returns a recorder without samples.
func New(config Config) *Recorder {
	return &Recorder{config: config, methods: make(map[string]*method), changed: make(chan struct{})}
}

// Run takes a sample each second until ctx ends.
func (r *Recorder) Run(ctx context.Context) {
	r.begin(time.Now())
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			r.look(now)
		case <-ctx.Done():
			return
		}
	}
}

// begin takes in what was there before the first sample.
func (r *Recorder) begin(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = now
	r.config.History.Each(func(m *stats.Method) { r.ofLocked(m.Name).before = *m })
}

// look takes a sample.
func (r *Recorder) look(now time.Time) {
	sample := Sample{Time: now}
	sample.Pending, sample.Running, sample.Overdue = r.config.Counts()
	r.mu.Lock()
	defer r.mu.Unlock()
	sample.Period = now.Sub(r.last)
	r.last = now
	var runs stats.Histogram
	r.config.History.Each(func(m *stats.Method) {
		if known := r.ofLocked(m.Name); m.Calls() != known.calls {
			known.add(m, &sample, &runs)
		}
	})
	sample.Runs, sample.P50, sample.P99 = runs.Count, runs.Quantile(0.50), runs.Quantile(0.99)
	r.addLocked(sample)
	if r.since++; r.since == pointSeconds {
		r.since = 0
		for _, m := range r.methods {
			m.close(now)
		}
	}
}

func (r *Recorder) addLocked(sample Sample) {
	if len(r.samples) < kept {
		r.samples = append(r.samples, sample)
	} else {
		r.samples[r.number%kept] = sample
	}
	r.number++
	close(r.changed)
	r.changed = make(chan struct{})
}

// ofLocked returns what is kept of a method. The memory of one that hasn't ended
// anything is not worth a bound: there are as many as have statistics.
func (r *Recorder) ofLocked(name string) *method {
	m := r.methods[name]
	if m == nil {
		m = &method{name: name, own: len(r.methods) < maxMethods}
		r.methods[name] = m
	}
	return m
}

// Since returns the samples from that number on, oldest first, as far as they are
// kept; the number of the one to come, and what is closed when it is there.
func (r *Recorder) Since(number uint64) (samples []Sample, next uint64, more <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if oldest := r.number - uint64(len(r.samples)); number < oldest {
		number = oldest
	}
	for ; number < r.number; number++ {
		samples = append(samples, r.samples[number%kept])
	}
	return samples, r.number, r.changed
}
