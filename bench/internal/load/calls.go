package load

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// calls are the unary calls of a connection.
type calls struct {
	*connection

	plan   *Plan
	record *record
	ids    ids
	next   uint32 // the id of the next stream
	open   map[uint32]*call
	spare  []*call
	// due are the times of calls that are due and could not be sent yet.
	due []time.Time
}

// A call is one that has not ended.
type call struct {
	due     time.Time
	first   int    // the number in its id, or in that of the batch's first task
	id      []byte // of a single task
	request []byte
	answer  []byte
	waits   bool // a detached one: it is submitted, and waited for now
}

func newCalls(c *connection, plan *Plan, r *record, prefix string) *calls {
	calls := &calls{connection: c, plan: plan, record: r, ids: ids{prefix: prefix}, next: 1, open: map[uint32]*call{}}
	c.exchange = calls
	return calls
}

func (c *calls) idle() bool { return len(c.open) == 0 }

func (c *calls) grant(uint32, uint32) {} // no request needs more than a stream has at first

// fill keeps as many calls in flight as the plan says, or sends those that are due.
func (c *calls) fill() {
	if c.plan.Rate > 0 {
		sent := 0
		for sent < len(c.due) && c.free() {
			c.start(c.due[sent])
			sent++
		}
		c.due = c.due[:copy(c.due, c.due[sent:])]
		return
	}
	for len(c.open) < c.plan.InFlight && c.free() && !c.record.stopped() {
		c.start(time.Now())
	}
}

// free tells whether one more call may be sent.
func (c *calls) free() bool {
	return c.settled && len(c.open) < c.maxStreams && c.window > int64(c.plan.requestBytes())
}

func (c *calls) start(due time.Time) {
	var k *call
	if n := len(c.spare); n > 0 {
		k, c.spare = c.spare[n-1], c.spare[:n-1]
	} else {
		k = new(call)
	}
	k.due, k.waits = due, false
	b := c.envelope(k.request[:0])
	if c.plan.Kind == Batch {
		k.first = c.ids.last + 1
		for range c.plan.Batch {
			k.id = c.ids.appendNext(k.id[:0])
			b = protowire.AppendTag(b, batchTasks, protowire.BytesType)
			b = protowire.AppendVarint(b, uint64(len(c.plan.Task.rest)+protowire.SizeTag(requestID)+protowire.SizeBytes(len(k.id))))
			b = c.plan.Task.appendRequest(b, k.id)
		}
	} else {
		k.id = c.ids.appendNext(k.id[:0])
		b = c.plan.Task.appendRequest(b, k.id)
	}
	if c.plan.Kind == Detached {
		b = appendNumber(b, requestDetached, 1)
	}
	k.request = b
	c.send(k, c.plan.Kind.path())
}

// envelope is where gRPC has a message's length.
func (c *calls) envelope(b []byte) []byte {
	if c.plan.Kind == Connect {
		return b
	}
	return append(b, make([]byte, envelopeBytes)...)
}

const envelopeBytes = 5

func (c *calls) send(k *call, path string) {
	contentType := "application/grpc"
	if c.plan.Kind == Connect {
		contentType = "application/proto"
	} else {
		binary.BigEndian.PutUint32(k.request[1:], uint32(len(k.request)-envelopeBytes)) //nolint:gosec // it is small
	}
	stream := c.next
	c.next += 2
	c.open[stream] = k
	c.out = appendFrame(c.out, http2.FrameHeaders, http2.FlagHeadersEndHeaders, stream, c.headers.block(path, contentType))
	c.out = appendData(c.out, stream, k.request, true)
	c.window -= int64(len(k.request))
	k.answer = k.answer[:0]
}

func (c *calls) data(stream uint32, payload []byte) {
	if k := c.open[stream]; k != nil {
		k.answer = append(k.answer, payload...)
	}
}

func (c *calls) end(stream uint32, status string) {
	k := c.open[stream]
	if k == nil {
		return
	}
	delete(c.open, stream)
	err := c.verify(k, status)
	if err == nil && c.plan.Kind == Detached && !k.waits {
		c.wait(k)
		return
	}
	c.record.add(k.due, c.plan.tasks(), err)
	c.spare = append(c.spare, k)
}

// wait asks for the result of a task that was submitted.
func (c *calls) wait(k *call) {
	k.waits = true
	b := c.envelope(k.request[:0])
	b = protowire.AppendBytes(protowire.AppendTag(b, waitID, protowire.BytesType), k.id)
	k.request = appendNumber(b, waitTimeout, 10_000)
	c.send(k, taskschedulerpbconnect.TaskSchedulerWaitResultProcedure)
}

// verify tells what is wrong with a call's answer.
func (c *calls) verify(k *call, status string) error {
	if status != "" {
		return errors.New(status)
	}
	b := k.answer
	if c.plan.Kind != Connect {
		if len(b) < envelopeBytes || int(binary.BigEndian.Uint32(b[1:])) != len(b)-envelopeBytes {
			return fmt.Errorf("an answer of %d bytes is no message", len(b))
		}
		b = b[envelopeBytes:]
	}
	if c.plan.Kind == Batch {
		return c.verifyBatch(k, b)
	}
	var offset protowire.Number
	if k.waits {
		offset = resultOffset
	}
	a, err := parseAnswer(b, offset)
	if err != nil {
		return err
	}
	if c.plan.Kind == Detached && !k.waits {
		if a.status != statusPending {
			return fmt.Errorf("a detached task is answered with status %d", a.status)
		}
		return nil
	}
	return c.plan.Task.check(a, k.id)
}

func (c *calls) verifyBatch(k *call, b []byte) error {
	for number := range c.plan.Batch {
		_, kind, n := protowire.ConsumeTag(b)
		if n < 0 || kind != protowire.BytesType {
			return fmt.Errorf("a batch has %d answers", number)
		}
		message, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return protowire.ParseError(m)
		}
		b = b[n+m:]
		a, err := parseAnswer(message, 0)
		if err != nil {
			return err
		}
		k.id = c.ids.appendNumber(k.id[:0], k.first+number)
		if err := c.plan.Task.check(a, k.id); err != nil {
			return err
		}
	}
	if len(b) > 0 {
		return fmt.Errorf("a batch has more than %d answers", c.plan.Batch)
	}
	return nil
}
