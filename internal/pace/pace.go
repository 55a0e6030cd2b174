// Package pace tells whether something that is done over and over takes long, so
// that what is brief need not go the way of what isn't.
package pace

import (
	"sync/atomic"
	"time"
)

// of is of about how many times the mean is taken.
const of = 64

// A Pace is how long something takes: the mean of the last times. Its methods may be
// called from many goroutines at a time; of two times that are taken in at once one
// may be lost. The zero Pace is that of what takes no time.
type Pace struct{ mean atomic.Int64 }

// Mean returns the mean of the last times.
func (p *Pace) Mean() time.Duration { return time.Duration(p.mean.Load()) }

// Took takes in how long it took once.
func (p *Pace) Took(d time.Duration) {
	mean := p.mean.Load()
	p.mean.Store(mean + (int64(d)-mean)/of)
}

// Takes forgets the last times: it takes so long, as far as anybody knows.
func (p *Pace) Takes(d time.Duration) { p.mean.Store(int64(d)) }
