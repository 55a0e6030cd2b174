// Package reload reads files again when they have changed, so that a renewed
// certificate or a withdrawn token counts without a restart.
package reload

import (
	"sync"
	"sync/atomic"
	"time"
)

// interval is the least time between two looks at files: a storm of handshakes
// must not become a storm of system calls.
const interval = time.Second

// A Source says what is read, and what to do when it has changed.
type Source[T any] struct {
	// Files are the names of the files. An empty one stands for none.
	Files []string
	// Read reads them.
	Read func() (T, error)
	// Changed is told what Read returned after a change, and returns what counts
	// from then on: was, for instance, when files that can't be used are to
	// change nothing. A file is told of once, however often it is looked at.
	Changed func(was, read T, err error) T
}

// A Value is what was read from a [Source]. Its methods may be called by many
// goroutines at once.
type Value[T any] struct {
	source  Source[T]
	current atomic.Pointer[T]
	next    atomic.Int64 // when to look again, in Unix nanoseconds

	looking sync.Mutex // held while the files are looked at
	seen    []stamp    // of the files as last read, whether they were good or not
}

// New reads the files. Its error is that of Read.
func New[T any](source Source[T]) (*Value[T], error) {
	v := &Value[T]{source: source, seen: stampsOf(source.Files)}
	read, err := source.Read()
	if err != nil {
		return nil, err
	}
	v.current.Store(&read)
	v.next.Store(time.Now().Add(interval).UnixNano())
	return v, nil
}

// Get returns what counts now. Files that changed are read first, unless they
// were looked at within the last second.
func (v *Value[T]) Get() T {
	if time.Now().UnixNano() >= v.next.Load() {
		v.look(false)
	}
	return *v.current.Load()
}

// Refresh is Get without that second: a file that was replaced before the call
// counts after it.
func (v *Value[T]) Refresh() T {
	v.look(true)
	return *v.current.Load()
}

func (v *Value[T]) look(now bool) {
	v.looking.Lock()
	defer v.looking.Unlock()
	if !now && time.Now().UnixNano() < v.next.Load() {
		return // another call has just looked
	}
	defer func() { v.next.Store(time.Now().Add(interval).UnixNano()) }()
	stamps := stampsOf(v.source.Files) // before reading: a change meanwhile is seen next time
	if sameFiles(stamps, v.seen) {
		return
	}
	v.seen = stamps
	read, err := v.source.Read()
	read = v.source.Changed(*v.current.Load(), read, err)
	v.current.Store(&read)
}
