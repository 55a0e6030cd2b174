package tunnel

import (
	"io"
	"sync"
)

// An inflow is a body that comes in: pieces that wait for who reads them, as many
// as there was credit for.
type inflow struct {
	// grant lets the other side send that many more bytes.
	grant func(n int)

	mu      sync.Mutex
	changed sync.Cond
	next    uint64 // number of the next frame
	pieces  [][]byte
	waiting int // bytes in pieces
	read    int // bytes that were read and not granted anew
	err     error
}

func newInflow(grant func(n int)) *inflow {
	in := &inflow{grant: grant}
	in.changed.L = &in.mu
	return in
}

// put adds what a frame has of the body. It is false if frames are missing, or are
// more than there was credit for.
func (in *inflow) put(f *frame) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if f.number != in.next || in.waiting+len(f.body) > window+maxPiece {
		return false
	}
	in.next++
	if len(f.body) > 0 && in.err == nil {
		in.pieces = append(in.pieces, f.body)
		in.waiting += len(f.body)
	}
	if f.end && in.err == nil {
		in.err = io.EOF
	}
	in.changed.Broadcast()
	return true
}

// fail ends the body at once, unless all of it is there.
func (in *inflow) fail(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.err == nil {
		in.err, in.pieces, in.waiting = err, nil, 0
		in.changed.Broadcast()
	}
}

// drop is fail for a reader who has enough.
func (in *inflow) drop(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.err, in.pieces, in.waiting = err, nil, 0
	in.changed.Broadcast()
}

// Read implements [io.Reader].
func (in *inflow) Read(p []byte) (int, error) {
	in.mu.Lock()
	for len(in.pieces) == 0 && in.err == nil {
		in.changed.Wait()
	}
	if len(in.pieces) == 0 {
		defer in.mu.Unlock()
		return 0, in.err
	}
	n := copy(p, in.pieces[0])
	if in.pieces[0] = in.pieces[0][n:]; len(in.pieces[0]) == 0 {
		in.pieces = in.pieces[1:]
	}
	in.waiting -= n
	in.read += n
	granted := 0
	if in.read >= window/2 && in.err == nil {
		granted, in.read = in.read, 0
	}
	in.mu.Unlock()
	if granted > 0 {
		in.grant(granted)
	}
	return n, nil
}
