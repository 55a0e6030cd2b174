package frame

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// AppendCall appends a call's frame to b, which is empty. It fails with
// [ErrTooLarge] when the frame would be longer than limit bytes.
func AppendCall(b []byte, limit int, c *library.Call) ([]byte, error) {
	b = beginWithID(b, Call, c.ID)
	b = binary.AppendUvarint(b, uint64(c.Task))
	b = binary.AppendUvarint(b, uint64(c.Attempt))
	e := encoder{b: binary.AppendVarint(b, c.DeadlineUnixNano()), limit: limit}
	e.text(c.TaskID)
	e.b = binary.AppendUvarint(e.b, uint64(len(c.Args)))
	for _, arg := range c.Args {
		e.value(arg, 0)
	}
	return end(e.b), e.err
}

// ParseCall reads the body of a call into c, which shares its memory. c is empty, but
// its Args may have room.
func ParseCall(body []byte, limit int, c *library.Call) error {
	p := newParser(body, limit)
	c.ID = p.fixed64()
	c.Task = int(min(p.uvarint(), math.MaxInt32))
	c.Attempt = uint32(p.uvarint())
	if deadline := p.varint(); deadline != 0 {
		c.Deadline = time.Unix(0, deadline)
	}
	c.TaskID = p.text()
	if n := p.count(itemBytes); n > 0 {
		c.Args = slices.Grow(c.Args[:0], n)[:n]
		for i := range c.Args {
			c.Args[i] = p.value(0)
		}
	}
	return p.end()
}

// AppendAnswer appends the frame of a call's answer to b, which is empty. It
// fails with [ErrTooLarge] when the frame would be longer than limit bytes.
func AppendAnswer(b []byte, limit int, id uint64, status library.Status, v task.Value) ([]byte, error) {
	e := encoder{b: append(beginWithID(b, Answer, id), byte(status)), limit: limit}
	e.value(v, 0)
	return end(e.b), e.err
}

// ParseAnswer reads what follows the id in the body of an answer. Unless that is
// the caller's own, the value shares a copy of it.
func ParseAnswer(body []byte, own bool, limit int) (library.Status, task.Value, error) {
	if !own && holdsMemory(body) {
		body = slices.Clone(body)
	}
	p := newParser(body, limit)
	status := library.Status(within(&p, p.byte(), 0, byte(library.BadArguments)))
	v := p.value(0)
	return status, v, p.end()
}

// holdsMemory tells whether an answer's value may share the frame's memory.
func holdsMemory(body []byte) bool {
	return len(body) > 1 && task.Kind(body[1]) >= task.KindString
}
