// Package lifetime is what contexts have that end for a reason of their own, for those
// that there is one of for each call.
package lifetime

import (
	"context"
	"slices"
	"sync"
)

// A Lifetime ends once. Embedded in a context it does what [context.WithCancel] would,
// for less: its channel is made when somebody asks for it, and what is to follow its
// end needs neither a context of its own nor any memory. The zero Lifetime has not ended;
// its methods may be called from many goroutines at a time.
type Lifetime struct {
	mu    sync.Mutex
	ended bool
	done  chan struct{} // nil until somebody asks
	// Most have one follower.
	first following
	more  []following
}

// A Follower is told once that a Lifetime has ended, on the goroutine that ends it: it
// must not block. It may follow several at a time, or one several times, each as
// something else.
type Follower interface{ Ended(as uint64) }

// following is that somebody follows.
type following struct {
	follower Follower // nil: nobody
	as       uint64
}

// Err is nil until it ends.
func (l *Lifetime) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return context.Canceled
	}
	return nil
}

// Done is closed when it ends.
func (l *Lifetime) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.done = make(chan struct{})
		if l.ended {
			close(l.done)
		}
	}
	return l.done
}

// follow has f told of the end. One that has been is told on a goroutine of its own.
func (l *Lifetime) follow(f following) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.ended:
		go f.follower.Ended(f.as)
	case l.first.follower == nil:
		l.first = f
	default:
		l.more = append(l.more, f)
	}
}

// unfollow takes that back, and returns false if the end has been.
func (l *Lifetime) unfollow(f following) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == f {
		l.first = following{}
		return true
	}
	i := slices.Index(l.more, f)
	if i < 0 {
		return false
	}
	l.more = slices.Delete(l.more, i, i+1)
	return true
}

// AfterFunc is how package context links contexts to one that isn't its own
// without a goroutine each. What it calls must not block.
func (l *Lifetime) AfterFunc(f func()) (stop func() bool) {
	link := following{follower: &function{f}}
	l.follow(link)
	return func() bool { return l.unfollow(link) }
}

// A function is called at the end.
type function struct{ f func() }

func (f *function) Ended(uint64) { f.f() }

// End ends it, as a context that is cancelled.
func (l *Lifetime) End() {
	l.mu.Lock()
	if l.ended {
		l.mu.Unlock()
		return
	}
	l.ended = true
	if l.done != nil {
		close(l.done)
	}
	first, more := l.first, l.more
	l.first, l.more = following{}, nil
	l.mu.Unlock()
	if first.follower != nil {
		first.follower.Ended(first.as)
	}
	for _, f := range more {
		f.follower.Ended(f.as)
	}
}
