package http2

import (
	"encoding/binary"
	"sync"
)

const (
	smallSource = 512
	largeSource = 32 << 10
	frameHeader = 9 // bytes
)

type largeBuffer [largeSource]byte

var largeBuffers = sync.Pool{New: func() any { return new(largeBuffer) }}

// A source buffers what is read from a connection. While the connection has
// little to say it needs no more memory than small.
type source struct {
	conn  *conn
	large *largeBuffer // nil while small will do
	buf   []byte       // small or large: what was read, from next on
	next  int
	few   int // reads in a row that small would have done for
	small [smallSource]byte
}

// Read reads what is buffered, or else from the connection.
func (s *source) Read(p []byte) (int, error) {
	if s.next == len(s.buf) {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buf[s.next:])
	s.next += n
	return n, nil
}

// piece returns what comes next, at most n bytes, which are valid until more is
// read.
func (s *source) piece(n int) ([]byte, error) {
	if s.next == len(s.buf) {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	piece := s.buf[s.next:min(len(s.buf), s.next+n)]
	s.next += len(piece)
	return piece, nil
}

// fill waits for more. Nothing is buffered.
func (s *source) fill() error {
	c := s.conn
	if err := c.beforeWait(); err != nil {
		return err
	}
	if s.few >= 4 || c.quiet() {
		s.release()
	} else if s.large == nil {
		s.large = largeBuffers.Get().(*largeBuffer) //nolint:forcetypeassert // the pool holds nothing else
	}
	room := s.small[:]
	if s.large != nil {
		room = s.large[:]
	}
	n, err := c.net.Read(room)
	s.buf, s.next = room[:n], 0
	if n == 0 {
		return err
	}
	if n < smallSource {
		s.few++
	} else {
		s.few = 0
	}
	c.heard()
	return nil
}

// release gives the large buffer back.
func (s *source) release() {
	if s.large == nil {
		return
	}
	largeBuffers.Put(s.large)
	s.large, s.buf, s.next = nil, nil, 0
}

// holdsFrame tells whether the next frame can be read without waiting.
func (s *source) holdsFrame() bool {
	rest := s.buf[s.next:]
	if len(rest) < frameHeader {
		return false
	}
	return len(rest)-frameHeader >= int(binary.BigEndian.Uint32(rest)>>8)
}
