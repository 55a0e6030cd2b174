package frame

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A Frame is a frame that was read.
type Frame struct {
	Kind Kind
	// Body is good until the next one is read, and if Own is set, for ever.
	Body []byte
	Own  bool
}

// A Reader reads frames.
type Reader struct {
	from  io.Reader
	r     *bufio.Reader
	limit int // of a frame's length
	used  int // how much of r's buffer the last frame still takes
}

// readBuffer is large enough for all that a pipe holds.
const readBuffer = 64 << 10

// NewReader returns a reader of frames whose length is at most limit.
func NewReader(r io.Reader, limit int) *Reader {
	return &Reader{from: r, r: bufio.NewReaderSize(r, readBuffer), limit: limit}
}

// Ready tells whether Next returns without waiting for more to come.
func (f *Reader) Ready() bool {
	rest := f.r.Buffered() - f.used
	if rest < headBytes {
		return false
	}
	head, _ := f.r.Peek(f.used + headBytes) // it is there
	return rest-4 >= int(binary.LittleEndian.Uint32(head[f.used:]))
}

// Fork returns a reader of the frames that come next. The one before is not to be
// used any more, but what it has returned last stays as it is.
func (f *Reader) Fork() *Reader {
	_, _ = f.r.Discard(f.used) // it is there
	rest, _ := f.r.Peek(f.r.Buffered())
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), f.from), readBuffer)
	_, _ = r.Peek(len(rest)) // which takes all of them in
	return &Reader{from: f.from, r: r, limit: f.limit}
}

// Next returns the next frame. At the end of the stream err is io.EOF.
func (f *Reader) Next() (Frame, error) {
	_, _ = f.r.Discard(f.used) // it is there
	f.used = 0
	head, err := f.r.Peek(headBytes)
	if err != nil {
		if len(head) > 0 {
			err = cutShort(err)
		}
		return Frame{}, err
	}
	size := int(binary.LittleEndian.Uint32(head))
	if size < 1 || size > f.limit {
		return Frame{}, &sizeError{size: size, limit: f.limit}
	}
	kind := Kind(head[4])
	if whole := size + 4; whole <= f.r.Size() {
		frame, err := f.r.Peek(whole)
		if err != nil {
			return Frame{}, cutShort(err)
		}
		f.used = whole
		return Frame{Kind: kind, Body: frame[headBytes:]}, nil
	}
	_, _ = f.r.Discard(headBytes) // it is there
	body := make([]byte, size-1)
	if _, err := io.ReadFull(f.r, body); err != nil {
		return Frame{}, cutShort(err)
	}
	return Frame{Kind: kind, Body: body, Own: true}, nil
}

// cutShort returns the error for a stream that ends inside a frame.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A sizeError is a frame longer than frames may be, or without a kind.
type sizeError struct{ size, limit int }

func (e *sizeError) Error() string {
	return fmt.Sprintf("a frame of %d bytes; 1 to %d were expected", e.size, e.limit)
}
