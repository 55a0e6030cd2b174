package prompt

import (
	"io"
	"sync"

	"golang.org/x/term"
)

// A Screen is a terminal that others write to while a line may be edited there:
// what they write appears above the line. It may be used by many goroutines.
type Screen struct {
	mu     sync.Mutex
	out    io.Writer
	editor *term.Terminal // nil: no line is being edited
}

// NewScreen returns the screen of a terminal, or of anything else.
func NewScreen(out io.Writer) *Screen { return &Screen{out: out} }

// Write writes whole lines.
func (s *Screen) Write(lines []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.editor != nil {
		return s.editor.Write(lines)
	}
	return s.out.Write(lines)
}

// edit says that a line is being edited, or none any more.
func (s *Screen) edit(editor *term.Terminal) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.editor = editor
}
