package tunnel

import (
	"encoding/binary"

	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

// kind is what a frame is for.
type kind uint64

const (
	// open begins a call: its head, and the beginning of its body or all of it.
	open kind = iota + 1
	// data is what follows, in either direction. The first of an answer has its head.
	data
	// credit lets the other side send that many more bytes of body.
	credit
	// cancel ends a call: who called doesn't wait any more, or can't go on.
	cancel
	// reset ends a call from the other end.
	reset
	// ping asks for a sign of life, and tells which calls are open.
	ping
	// pong answers it, and tells which of them are unknown.
	pong
	// refuse says that a call was not taken: nothing has come of it.
	refuse
)

// A frame is one message. What a kind has no use for is empty.
type frame struct {
	kind kind
	call uint64
	// number counts the frames of one direction of a call that have a body or a
	// head, from 0 on.
	number  uint64
	head    []byte
	body    []byte
	trailer []byte
	end     bool // of the body
	credit  uint64
	calls   []uint64
	text    string // why
}

// Numbers of a frame's fields.
const (
	frameKind    = 1
	frameCall    = 2
	frameNumber  = 3
	frameHead    = 4
	frameBody    = 5
	frameTrailer = 6
	frameEnd     = 7
	frameCredit  = 8
	frameCalls   = 9
	frameText    = 10
)

func (f *frame) append(b []byte) []byte {
	b = tagged.AppendNumber(b, frameKind, uint64(f.kind))
	b = tagged.AppendNumber(b, frameCall, f.call)
	b = tagged.AppendNumber(b, frameNumber, f.number)
	for _, part := range []struct {
		number uint64
		bytes  []byte
	}{{frameHead, f.head}, {frameBody, f.body}, {frameTrailer, f.trailer}} {
		if len(part.bytes) > 0 {
			b = tagged.AppendBytes(b, part.number, part.bytes)
		}
	}
	if f.end {
		b = tagged.AppendNumber(b, frameEnd, 1)
	}
	b = tagged.AppendNumber(b, frameCredit, f.credit)
	if len(f.calls) > 0 {
		var calls []byte
		for _, call := range f.calls {
			calls = binary.AppendUvarint(calls, call)
		}
		b = tagged.AppendBytes(b, frameCalls, calls)
	}
	if f.text != "" {
		b = tagged.AppendBytes(b, frameText, f.text)
	}
	return b
}

// bytes is append for a message of its own.
func (f *frame) bytes() []byte {
	const numbers = 64
	return f.append(make([]byte, 0, numbers+len(f.head)+len(f.body)+len(f.trailer)+len(f.text)))
}

// readFrame reads a message, in whose memory the frame lies.
func readFrame(b []byte) (f frame, err error) {
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case frameKind:
			f.kind = kind(fields.Value)
		case frameCall:
			f.call = fields.Value
		case frameNumber:
			f.number = fields.Value
		case frameHead:
			f.head = fields.Bytes
		case frameBody:
			f.body = fields.Bytes
		case frameTrailer:
			f.trailer = fields.Bytes
		case frameEnd:
			f.end = fields.Value != 0
		case frameCredit:
			f.credit = fields.Value
		case frameCalls:
			if f.calls, err = readCalls(fields.Bytes); err != nil {
				return frame{}, err
			}
		case frameText:
			f.text = string(fields.Bytes)
		}
	}
	return f, fields.Err()
}

func readCalls(b []byte) ([]uint64, error) {
	var calls []uint64
	for len(b) > 0 {
		call, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, tagged.ErrCut
		}
		calls, b = append(calls, call), b[n:]
	}
	return calls, nil
}
