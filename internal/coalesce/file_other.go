//go:build !unix

package coalesce

import "os"

// NewPipeWriter returns a Writer to a pipe.
func NewPipeWriter(pipe *os.File, limit int) *Writer { return NewWriter(pipe, limit) }

// An eagerFile writes to a file what that takes at once: here nothing, since a
// file can't be asked for that.
type eagerFile struct{}

func (*eagerFile) write([]byte) (int, error) { return 0, nil }
