package coalesce

// Fail ends the Writer at once: what is in the buffer is dropped, and an Add
// gets err, unless the Writer has ended with another error before.
func (w *Writer) Fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failLocked(err)
}

func (w *Writer) failLocked(err error) {
	w.endLocked(err)
	w.failed = true
	if w.buffer != nil {
		recycle(w.buffer)
		w.buffer = nil
	}
}

// End lets nothing be added any more, as Fail does, but what has been is still
// written. See Idle.
func (w *Writer) End(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.endLocked(err)
}

func (w *Writer) endLocked(err error) {
	if w.err == nil {
		w.err = err
	}
	w.makeRoom()
}

// Failed tells whether writing has failed, or Fail was called.
func (w *Writer) Failed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// Written tells whether the sink has taken all of the stream up to end.
func (w *Writer) Written(end uint64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return end <= w.written
}

// Idle returns a channel that is closed when nothing is being written.
func (w *Writer) Idle() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.writing {
		idle := make(chan struct{})
		close(idle)
		return idle
	}
	if w.idle == nil {
		w.idle = make(chan struct{})
	}
	return w.idle
}
