package frame

import "sync"

// buffers are what calls and answers are encoded in.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// NewBuffer returns an empty buffer for a frame; see [Recycle].
func NewBuffer() *[]byte {
	b := buffers.Get().(*[]byte) //nolint:forcetypeassert // there is nothing else in it
	*b = (*b)[:0]
	return b
}

// Recycle lets others have a buffer, unless it is too large to be kept.
func Recycle(buffer *[]byte) {
	const largest = 64 << 10
	if cap(*buffer) <= largest {
		buffers.Put(buffer)
	}
}
