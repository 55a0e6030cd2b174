package wire

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// typeError says which type's decoding failed.
func typeError(typeURL string, err error) error {
	return fmt.Errorf("type %s: %w", quote(typeURL), err)
}

// quote returns what a client sent in a form that is safe to show, and short.
func quote(s string) string {
	const limit = 100
	if len(s) > limit {
		return strconv.Quote(s[:limit]) + "…"
	}
	return strconv.Quote(s)
}

// A step leads from a list or map to something inside it.
type step struct {
	key  string // of a map
	item int    // of a list, counted from 1; 0: it is a map
}

func itemStep(index int) step { return step{item: index + 1} }

func keyStep(key string) step { return step{key: key} }

func (s step) String() string {
	if s.item > 0 {
		return "item " + strconv.Itoa(s.item)
	}
	return "key " + quote(s.key)
}

// A pathError is an error with the place where it happened.
type pathError struct {
	path []step // the innermost first
	err  error
}

// inside adds the step that led to the place where err happened.
func inside(s step, err error) error {
	var located *pathError
	if !errors.As(err, &located) {
		return &pathError{path: []step{s}, err: err}
	}
	located.path = append(located.path, s)
	return located
}

// Error shows the outermost steps: all of them could make a text that doesn't
// fit into a response's header.
func (e *pathError) Error() string {
	const shown = 8
	var b strings.Builder
	for i, s := range slices.Backward(e.path) {
		if len(e.path)-i > shown {
			b.WriteString("…: ")
			break
		}
		b.WriteString(s.String() + ": ")
	}
	return b.String() + e.err.Error()
}

func (e *pathError) Unwrap() error { return e.err }
