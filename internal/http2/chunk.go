package http2

import "sync"

// A chunk holds bytes of a body on their way, or gathers what a handler writes.
type chunk struct {
	next  *chunk
	data  []byte // what it holds; its capacity is the class's
	read  int    // how much of data was taken
	class int
}

// chunkSizes are the classes: of a small call, of a frame.
var chunkSizes = [...]int{1 << 10, 4 << 10, maxFrameSize}

var chunks = [len(chunkSizes)]sync.Pool{}

// newChunk returns an empty chunk for size bytes, or for a frame's if that is
// less.
func newChunk(size int) *chunk {
	class := 0
	for class < len(chunkSizes)-1 && chunkSizes[class] < size {
		class++
	}
	if c, ok := chunks[class].Get().(*chunk); ok {
		return c
	}
	return &chunk{data: make([]byte, 0, chunkSizes[class]), class: class}
}

// free gives c back. Nobody may use its bytes any more.
func (c *chunk) free() {
	c.next, c.data, c.read = nil, c.data[:0], 0
	chunks[c.class].Put(c)
}

// room is how many bytes can be added.
func (c *chunk) room() int { return cap(c.data) - len(c.data) }
