// Package tunnel carries HTTP between nodes in messages of NATS core: a
// [Transport] at the one end, a [Server] with an ordinary handler at the other.
// So clients and handlers of Connect work between nodes as they are, streams
// included, and no node needs a port that others reach.
//
// A node listens on one subject, and each transport on an inbox. Messages are
// frames (frame.go): a call is opened with its head and what there is of its body,
// and answered in the same way, so a small call takes a message in each direction.
// What is larger goes in pieces, as many as the receiver has given credit for.
//
// Messages may be lost, and nobody says so. So frames are numbered, and while
// calls are open the transport asks once a second whether the other side knows
// them: a call that only one side knows has ended, as does every call with a node
// that doesn't answer any more.
package tunnel

import (
	"encoding/base64"
	"errors"
	"strings"
	"time"
)

var (
	// ErrUnreached is for a call that no node has got.
	ErrUnreached = errors.New("the node is not there")
	// ErrLost is for a call that the node may have got, and whose answer won't come.
	ErrLost = errors.New("the node has gone, or has lost the call")
)

const (
	// pingEvery is how often the other side of open calls is asked for a sign of
	// life, and maxMissed how many of those may stay without an answer.
	pingEvery = time.Second
	maxMissed = 5
	// window is how many bytes of a body may be on their way, or wait for who reads
	// them.
	window = 1 << 20
	// maxPiece is how many bytes of a body go in one message at most.
	maxPiece = 512 << 10
	// headRoom is what a message may have beside a piece of a body.
	headRoom = 16 << 10
	// maxCalls is how many calls may be open at each end: their numbers fit into one
	// message.
	maxCalls = 32_000
)

// URL returns the base of the addresses under which a [Transport] finds a node.
func URL(node string) string { return "http://" + token(node) }

// token returns a node's name as one word of a subject, and as a host.
func token(node string) string {
	ordinary := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-'
	}
	if strings.IndexFunc(node, func(r rune) bool { return !ordinary(r) }) < 0 {
		return "p" + node
	}
	return "b" + base64.RawURLEncoding.EncodeToString([]byte(node))
}
