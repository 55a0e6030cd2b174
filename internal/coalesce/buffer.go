package coalesce

import "sync"

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
