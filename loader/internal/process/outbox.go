package process

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
)

// errClosed is what ends an outbox when nothing is wrong.
var errClosed = errors.New("the pipe is closed")

const (
	// gatherLimit is how many bytes may wait to be written before senders wait.
	gatherLimit = 256 << 10
	// keepLimit is how large a buffer may be to be kept for later.
	keepLimit = 1 << 20
	// turns is how often a sender writes what others have added meanwhile
	// before it leaves that to a goroutine.
	turns = 4
)

// An outbox writes frames to a pipe. Whoever sends into an idle one yields
// once, so that others join in, and then writes it all in one go. It never
// waits for the pipe itself: where that is full, a goroutine goes on.
type outbox struct {
	pipe *os.File
	try  *tryWriter // used by whoever flushes

	mu       sync.Mutex
	gathered []byte // what is to be written
	spare    []byte // an empty buffer
	flushing bool   // somebody writes, or is about to
	sent     uint64 // bytes that were ever gathered
	written  uint64 // bytes that the pipe has ever taken
	err      error  // what ended it
	room     chan struct{}
	idle     chan struct{}
}

func newOutbox(pipe *os.File) *outbox { return &outbox{pipe: pipe, try: newTryWriter(pipe)} }

// send adds a frame and returns where in the stream it ends. It waits while too
// much is gathered, but not longer than ctx lives; a nil ctx never waits.
func (o *outbox) send(ctx context.Context, frame []byte) (end uint64, err error) {
	o.mu.Lock()
	for ctx != nil && len(o.gathered) >= gatherLimit && o.err == nil {
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		o.mu.Lock()
	}
	if o.err != nil {
		defer o.mu.Unlock()
		return 0, o.err
	}
	o.gathered = append(o.gathered, frame...)
	o.sent += uint64(len(frame))
	end = o.sent
	first := !o.flushing
	o.flushing = true
	o.mu.Unlock()
	if first {
		o.flush()
	}
	return end, nil
}

// flush writes what is gathered, as long as the pipe takes it at once and
// others have not had it write for them too often.
func (o *outbox) flush() {
	runtime.Gosched() // whoever is about to send joins in
	for range turns {
		full := o.take()
		if full == nil {
			return
		}
		n, err := o.try.write(full)
		o.wrote(n, err)
		if n < len(full) && err == nil {
			go o.finish(full, n)
			return
		}
		o.giveBack(full)
	}
	if full := o.take(); full != nil {
		go o.finish(full, 0)
	}
}

// finish writes all but the first n bytes of full, and then whatever is
// gathered. It waits for the pipe.
func (o *outbox) finish(full []byte, n int) {
	for ; full != nil; full, n = o.take(), 0 {
		written, err := o.pipe.Write(full[n:])
		o.wrote(written, err)
		o.giveBack(full)
	}
}

// take returns what is gathered. When there is nothing, the flushing has ended.
func (o *outbox) take() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.gathered) == 0 || o.err != nil {
		o.flushing = false
		if o.idle != nil {
			close(o.idle)
			o.idle = nil
		}
		return nil
	}
	full := o.gathered
	o.gathered, o.spare = o.spare[:0], nil
	o.makeRoom()
	return full
}

func (o *outbox) makeRoom() {
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
}

func (o *outbox) giveBack(buffer []byte) {
	if cap(buffer) > keepLimit {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.spare = buffer[:0]
}

func (o *outbox) wrote(n int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.written += uint64(n)
	if err != nil {
		o.failLocked(err)
	}
}

// fail ends the outbox: nothing is sent any more, and waiting senders return.
func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failLocked(err)
}

func (o *outbox) failLocked(err error) {
	if o.err == nil {
		o.err, o.gathered = err, nil
		o.makeRoom()
	}
}

// took tells whether the pipe has taken all of the stream up to end.
func (o *outbox) took(end uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return end <= o.written
}

// drained returns a channel that is closed when nothing is being written.
func (o *outbox) drained() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.idle == nil {
		o.idle = make(chan struct{})
		if !o.flushing {
			defer func() { close(o.idle); o.idle = nil }()
		}
	}
	return o.idle
}
