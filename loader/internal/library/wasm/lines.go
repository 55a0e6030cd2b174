package wasm

import (
	"bytes"
	"log/slog"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
)

// A lineWriter puts what an instance prints into the log, line by line.
type lineWriter struct {
	in    *instance
	level slog.Level
	line  []byte // what has no end yet
}

// Write implements [io.Writer].
func (w *lineWriter) Write(b []byte) (int, error) {
	n := len(b)
	for {
		line, rest, found := bytes.Cut(b, []byte("\n"))
		line = line[:min(len(line), abi.MaxText-len(w.line))] // what is too long loses its end
		w.line = append(w.line, line...)
		if !found {
			return n, nil
		}
		w.flush()
		b = rest
	}
}

func (w *lineWriter) flush() {
	var id uint64
	if w.in.current != nil {
		id = w.in.current.host.ID
	}
	if len(w.line) > 0 {
		w.in.library.services.Log(id, w.level, strings.ToValidUTF8(string(w.line), "\uFFFD"))
	}
	w.line = w.line[:0]
}
