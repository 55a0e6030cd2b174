package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/net/http2"
)

// streamed is one stream of tasks, the only one of its connection.
type streamed struct {
	*connection

	plan    *Plan
	record  *record
	ids     ids
	window  int64  // what the stream may send
	begun   bool   // its headers are sent
	pending []byte // messages that are not sent yet
	answers []byte // has come and is no whole message yet
	unread  uint32
	slots   []slot // one for each task in flight
	spare   []int
}

// A slot is a task in flight. Its place and its turn are the number that the
// answer comes back with.
type slot struct {
	turn uint64
	due  time.Time
	id   []byte
}

const stream = 1

func newStreamed(c *connection, plan *Plan, r *record, prefix string) *streamed {
	s := &streamed{connection: c, plan: plan, record: r, ids: ids{prefix: prefix}, slots: make([]slot, plan.InFlight)}
	for i := range s.slots {
		s.spare = append(s.spare, i)
	}
	c.exchange = s
	return s
}

func (s *streamed) idle() bool { return len(s.spare) == len(s.slots) }

func (s *streamed) grant(_, increment uint32) { s.window += int64(increment) }

// fill sends a task for each slot that is free, as far as the windows reach.
func (s *streamed) fill() {
	if !s.settled {
		return
	}
	if !s.begun {
		s.begun, s.window = true, s.initial
		block := s.headers.block(s.plan.Kind.path(), "application/grpc")
		s.out = appendFrame(s.out, http2.FrameHeaders, http2.FlagHeadersEndHeaders, stream, block)
	}
	for len(s.spare) > 0 && !s.record.stopped() {
		place := s.spare[len(s.spare)-1]
		s.spare = s.spare[:len(s.spare)-1]
		s.append(place)
	}
	n := min(int64(len(s.pending)), s.window, s.connection.window)
	if n > 0 {
		s.out = appendData(s.out, stream, s.pending[:n], false)
		s.pending = s.pending[:copy(s.pending, s.pending[n:])]
		s.window -= n
		s.connection.window -= n
	}
}

func (s *streamed) append(place int) {
	k := &s.slots[place]
	k.turn++
	k.due = time.Now()
	k.id = s.ids.appendNext(k.id[:0])
	start := len(s.pending)
	s.pending = append(s.pending, make([]byte, envelopeBytes)...)
	s.pending = s.plan.Task.appendRequest(s.pending, k.id)
	s.pending = appendNumber(s.pending, requestSequence, k.turn*uint64(len(s.slots))+uint64(place)) //nolint:gosec // it is an index
	size := uint32(len(s.pending) - start - envelopeBytes)                                          //nolint:gosec // it is small
	binary.BigEndian.PutUint32(s.pending[start+1:], size)
}

func (s *streamed) data(_ uint32, payload []byte) {
	s.unread += uint32(len(payload)) //nolint:gosec // it is a frame's
	if s.unread > streamWindow/2 {
		s.out = appendWindowUpdate(s.out, stream, s.unread)
		s.unread = 0
	}
	s.answers = append(s.answers, payload...)
	rest := s.answers
	for len(rest) >= envelopeBytes {
		end := envelopeBytes + int(binary.BigEndian.Uint32(rest[1:]))
		if len(rest) < end {
			break
		}
		s.answered(rest[envelopeBytes:end])
		rest = rest[end:]
	}
	s.answers = s.answers[:copy(s.answers, rest)]
}

func (s *streamed) answered(message []byte) {
	a, err := parseAnswer(message, 0)
	if err != nil {
		s.record.fail(err)
		return
	}
	place := int(a.sequence % uint64(len(s.slots))) //nolint:gosec // it is below the number of slots
	k := &s.slots[place]
	if a.sequence/uint64(len(s.slots)) != k.turn {
		s.record.fail(fmt.Errorf("an answer has the number %d, which nobody waits for", a.sequence))
		return
	}
	s.record.add(k.due, 1, s.plan.Task.check(a, k.id))
	s.spare = append(s.spare, place)
}

func (s *streamed) end(_ uint32, status string) {
	s.record.fail(errors.New("the stream ends: " + status))
}
