package dev

import (
	"bytes"
	"io"
	"sync"
)

// wholeLines passes on what is written in whole lines: a prompt may stand below
// them. Flush passes on the rest.
type wholeLines struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte
}

func (w *wholeLines) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	end := bytes.LastIndexByte(w.rest, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	_, err := w.to.Write(w.rest[:end])
	w.rest = append([]byte{}, w.rest[end:]...)
	return len(p), err
}

func (w *wholeLines) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.rest) > 0 {
		_, _ = w.to.Write(append(w.rest, '\n')) // as good as it gets
		w.rest = nil
	}
}
