package process

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A frameReader reads frames.
type frameReader struct {
	r     *bufio.Reader
	limit int // of a frame's length
	used  int // how much of r's buffer the last frame still takes
}

// readBuffer is large enough for all that a pipe holds.
const readBuffer = 64 << 10

func newFrameReader(r io.Reader, limit int) *frameReader {
	return &frameReader{r: bufio.NewReaderSize(r, readBuffer), limit: limit}
}

// next returns the next frame; its body is good until the next call, and when
// own is true, for ever. At the end of the stream err is io.EOF.
func (f *frameReader) next() (kind frameKind, body []byte, own bool, err error) {
	_, _ = f.r.Discard(f.used) // it is there
	f.used = 0
	head, err := f.r.Peek(frameHead)
	if err != nil {
		if len(head) > 0 {
			err = cutShort(err)
		}
		return 0, nil, false, err
	}
	size := int(binary.LittleEndian.Uint32(head))
	if size < 1 || size > f.limit {
		return 0, nil, false, &frameSizeError{size: size, limit: f.limit}
	}
	kind = frameKind(head[4])
	if whole := size + 4; whole <= f.r.Size() {
		frame, err := f.r.Peek(whole)
		if err != nil {
			return 0, nil, false, cutShort(err)
		}
		f.used = whole
		return kind, frame[frameHead:], false, nil
	}
	_, _ = f.r.Discard(frameHead) // it is there
	body = make([]byte, size-1)
	if _, err := io.ReadFull(f.r, body); err != nil {
		return 0, nil, false, cutShort(err)
	}
	return kind, body, true, nil
}

// cutShort returns the error for a stream that ends inside a frame.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A frameSizeError is a frame longer than frames may be, or without a kind.
type frameSizeError struct{ size, limit int }

func (e *frameSizeError) Error() string {
	return fmt.Sprintf("a frame of %d bytes; 1 to %d were expected", e.size, e.limit)
}
