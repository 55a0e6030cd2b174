// Package frame is the protocol that the server speaks with a plugin's process,
// in both directions. A frame is its length in four bytes, a byte for its
// [Kind], and a body; the length counts what follows it. What is read need not
// be true: whatever the bytes are, reading them fails or gives values, in memory
// that is bounded by the frame's limit.
package frame

import "encoding/binary"

// A Kind is what a frame is for.
type Kind byte

// protocol is the version of all this. Both ends are one binary, so it is there
// for the moment in which that file is being replaced.
const protocol = 1

// The kinds of frames. Hello or Refusal is the child's first; Call, Cancel and
// Ping are the parent's, the others the child's.
const (
	Hello    Kind = 1 // a Greeting: the file is loaded
	Refusal  Kind = 2 // a text: it is not
	Call     Kind = 3 // a library.Call
	Cancel   Kind = 4 // a call's id
	Ping     Kind = 5 // an id
	Answer   Kind = 6 // a call's id, its status and value
	Pong     Kind = 7 // a ping's id
	Log      Kind = 8 // a Line
	Progress Kind = 9 // a Report
)

// headBytes is how many bytes stand before a frame's body.
const headBytes = 5

// begin appends a frame's head to b, which is empty; end fills in its length.
func begin(b []byte, kind Kind) []byte { return append(b, 0, 0, 0, 0, byte(kind)) }

func end(b []byte) []byte {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

func beginWithID(b []byte, kind Kind, id uint64) []byte {
	return binary.LittleEndian.AppendUint64(begin(b, kind), id)
}

// OfID makes a frame whose body is an id.
func OfID(kind Kind, id uint64) []byte { return end(beginWithID(nil, kind, id)) }

// CutID returns the id that a body begins with, and what follows it.
func CutID(body []byte) (id uint64, rest []byte, err error) {
	p := parser{b: body}
	id = p.fixed64()
	return id, p.b, p.err
}

// ParseID reads the body of a frame that is an id and no more.
func ParseID(body []byte) (id uint64, err error) {
	p := parser{b: body}
	id = p.fixed64()
	return id, p.end()
}
