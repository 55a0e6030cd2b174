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
// end needs no context of its own. The zero Lifetime has not ended; its methods may be
// called from many goroutines at a time.
type Lifetime struct {
	mu    sync.Mutex
	err   error
	done  chan struct{} // nil until somebody asks
	after []*func()
}

// Err is nil until it ends.
func (l *Lifetime) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Done is closed when it ends.
func (l *Lifetime) Done() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done == nil {
		l.done = make(chan struct{})
		if l.err != nil {
			close(l.done)
		}
	}
	return l.done
}

// AfterFunc is how package context links contexts to one that isn't its own
// without a goroutine each. What it calls must not block.
func (l *Lifetime) AfterFunc(f func()) (stop func() bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		go f()
		return func() bool { return false }
	}
	entry := &f
	l.after = append(l.after, entry)
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		i := slices.Index(l.after, entry)
		if i < 0 {
			return false
		}
		l.after = slices.Delete(l.after, i, i+1)
		return true
	}
}

// End ends it, as a context that is cancelled.
func (l *Lifetime) End() {
	l.mu.Lock()
	if l.err != nil {
		l.mu.Unlock()
		return
	}
	l.err = context.Canceled
	if l.done != nil {
		close(l.done)
	}
	after := l.after
	l.after = nil
	l.mu.Unlock()
	for _, f := range after {
		(*f)()
	}
}

// After is [context.AfterFunc] for what doesn't block: a context that has a Lifetime
// calls it itself, on the goroutine that ends it.
func After(ctx context.Context, f func()) (stop func() bool) {
	if direct, can := ctx.(interface{ AfterFunc(f func()) func() bool }); can {
		return direct.AfterFunc(f)
	}
	return context.AfterFunc(ctx, f)
}
