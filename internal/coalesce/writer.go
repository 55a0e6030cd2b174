// Package coalesce makes few large writes of many small ones. Where a lot of
// goroutines answer at the same time, the system calls of their writes are what
// an answer costs most; a [Writer] holds what it is given for as long as it
// takes the others that are ready to add theirs, and then writes it all at once.
package coalesce

import (
	"errors"
	"io"
	"runtime"
	"sync"
)

// turns is how often the goroutine that adds writes what others have added meanwhile,
// before that is left to a goroutine.
const turns = 4

// mostHeld is about how much Hold leaves for others to write.
const mostHeld = 16 << 10

// ErrCancelled is that an Add was cancelled while it waited for room.
var ErrCancelled = errors.New("waiting for room in the buffer was cancelled")

// A Writer writes what is added to it, in that order and each piece whole. Its
// methods may be called from many goroutines at a time.
type Writer struct {
	sink  io.Writer
	eager *eagerFile // nil: a goroutine does all writing
	limit int

	mu      sync.Mutex
	buffer  *[]byte // what is to be written; nil: nothing
	writing bool    // somebody writes, or is about to
	added   uint64  // bytes that were ever added
	written uint64  // bytes that the sink has ever taken
	err     error   // what an Add gets from now on
	failed  bool    // nothing is written any more either
	room    chan struct{}
	idle    chan struct{}
}

// NewWriter returns a Writer to sink. A goroutine writes, and lives as long as
// there is something to write. An Add waits while limit bytes wait for it.
func NewWriter(sink io.Writer, limit int) *Writer { return &Writer{sink: sink, limit: limit} }

// Add adds p, which it copies, and returns where in the stream it ends. It
// waits while too much is in the buffer; when what cancelled returns is closed before
// there is room, it returns [ErrCancelled]; cancelled may be nil.
func (w *Writer) Add(p []byte, cancelled func() <-chan struct{}) (end uint64, err error) {
	w.mu.Lock()
	for w.err == nil && w.buffer != nil && len(*w.buffer) >= w.limit {
		if w.room == nil {
			w.room = make(chan struct{})
		}
		room := w.room
		w.mu.Unlock()
		var over <-chan struct{}
		if cancelled != nil {
			over = cancelled()
		}
		select {
		case <-room:
		case <-over:
			return 0, ErrCancelled
		}
		w.mu.Lock()
	}
	return w.addUnlock(p)
}

// AddAtOnce is Add without waiting, for what is small and can't wait.
func (w *Writer) AddAtOnce(p []byte) (end uint64, err error) {
	w.mu.Lock()
	return w.addUnlock(p)
}

// Hold is Add, but what it adds may wait for the next Add or Flush to be written, as
// long as it is not much.
func (w *Writer) Hold(p []byte, cancelled func() <-chan struct{}) (end uint64, err error) {
	w.mu.Lock()
	if held := w.buffer; w.err != nil || held != nil && len(*held) >= mostHeld {
		w.mu.Unlock()
		return w.Add(p, cancelled)
	}
	defer w.mu.Unlock()
	return w.appendLocked(p), nil
}

// Flush writes what is held.
func (w *Writer) Flush() {
	w.mu.Lock()
	if w.buffer == nil || w.writing {
		w.mu.Unlock()
		return
	}
	w.writing = true
	w.mu.Unlock()
	w.startWriting()
}

// appendLocked adds p to the buffer.
func (w *Writer) appendLocked(p []byte) (end uint64) {
	if w.buffer == nil {
		w.buffer = newBuffer()
	}
	*w.buffer = append(*w.buffer, p...)
	w.added += uint64(len(p))
	return w.added
}

// addUnlock adds p and unlocks w.mu.
func (w *Writer) addUnlock(p []byte) (end uint64, err error) {
	if w.err != nil {
		defer w.mu.Unlock()
		return 0, w.err
	}
	end = w.appendLocked(p)
	first := !w.writing
	w.writing = true
	w.mu.Unlock()
	if first {
		if w.eager != nil {
			runtime.Gosched() // others that are about to add join in
		}
		w.startWriting()
	}
	return end, nil
}

// startWriting writes, or has a goroutine do so. The caller has set w.writing.
func (w *Writer) startWriting() {
	if w.eager != nil {
		w.writeEagerly()
	} else {
		go w.write(nil, 0)
	}
}

// writeEagerly writes what is in the buffer, as long as the file takes it at
// once and others have not had it write for them too often.
func (w *Writer) writeEagerly() {
	for range turns {
		full := w.take()
		if full == nil {
			return
		}
		n, err := w.eager.write(*full)
		w.wrote(n, err)
		if n < len(*full) && err == nil {
			go w.write(full, n)
			return
		}
		recycle(full)
	}
	if full := w.take(); full != nil {
		go w.write(full, 0)
	}
}

// write writes all but the first n bytes of full, and whatever is added until
// nothing is left.
func (w *Writer) write(full *[]byte, n int) {
	for {
		if full != nil {
			written, err := w.sink.Write((*full)[n:])
			w.wrote(written, err)
			recycle(full)
		}
		runtime.Gosched() // others that are about to add join in
		if full, n = w.take(), 0; full == nil {
			return
		}
	}
}

// take returns the buffer. When it is empty, the writing has ended.
func (w *Writer) take() *[]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	full := w.buffer
	w.buffer = nil
	if full == nil {
		w.writing = false
		if w.idle != nil {
			close(w.idle)
			w.idle = nil
		}
	}
	w.makeRoom()
	return full
}

func (w *Writer) makeRoom() {
	if w.room != nil {
		close(w.room)
		w.room = nil
	}
}

func (w *Writer) wrote(n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written += uint64(n)
	if err != nil {
		w.failLocked(err)
	}
}

const (
	// usualBuffer is how large a buffer is at first.
	usualBuffer = 64 << 10
	// largestKept is how large a buffer may be to be used again.
	largestKept = 512 << 10
)

// buffers are shared by all Writers, so that an idle one has none.
var buffers = sync.Pool{New: func() any {
	buffer := make([]byte, 0, usualBuffer)
	return &buffer
}}

func newBuffer() *[]byte {
	return buffers.Get().(*[]byte) //nolint:forcetypeassert // the pool holds nothing else
}

func recycle(buffer *[]byte) {
	if cap(*buffer) <= largestKept {
		*buffer = (*buffer)[:0]
		buffers.Put(buffer)
	}
}
