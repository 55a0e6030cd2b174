package process

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A frame is its length in four bytes, a byte for its kind, and a body. The
// length counts what follows it.
type frameKind byte

// protocol is the version of all this. Both ends are one binary, so it is there
// for the moment in which that file is being replaced.
const protocol = 1

const (
	// From the child: first a hello, when the file is loaded, or a refusal.
	frameHello   frameKind = 1 // protocol, notes, version, doc, tasks
	frameRefusal frameKind = 2 // why
	// From the parent.
	frameCall   frameKind = 3 // id, task, attempt, deadline, task id, arguments
	frameCancel frameKind = 4 // id
	framePing   frameKind = 5 // id
	// From the child.
	frameAnswer   frameKind = 6 // id, status, value
	framePong     frameKind = 7 // id
	frameLog      frameKind = 8 // id or 0, level, text
	frameProgress frameKind = 9 // id, fraction, note
)

// frameHead is how many bytes stand before a frame's body.
const frameHead = 5

// beginFrame appends a frame's head to b, which is empty; endFrame fills in its
// length.
func beginFrame(b []byte, kind frameKind) []byte { return append(b, 0, 0, 0, 0, byte(kind)) }

func endFrame(b []byte) []byte {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-4))
	return b
}

// idFrame makes a frame whose body is an id.
func idFrame(kind frameKind, id uint64) []byte {
	return endFrame(binary.LittleEndian.AppendUint64(beginFrame(nil, kind), id))
}

// appendCall makes a call's frame of at most limit bytes.
func appendCall(b []byte, limit int, c *library.Call) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(beginFrame(b, frameCall), c.ID)
	b = binary.AppendUvarint(b, uint64(c.Task))
	b = binary.AppendUvarint(b, uint64(c.Attempt))
	e := encoder{b: binary.AppendVarint(b, c.DeadlineUnixNano()), limit: limit}
	e.text(c.TaskID)
	e.b = binary.AppendUvarint(e.b, uint64(len(c.Args)))
	for _, arg := range c.Args {
		e.value(arg, 0)
	}
	return endFrame(e.b), e.err
}

// parseCall reads a call's body into c, which shares its memory.
func parseCall(body []byte, limit int, c *library.Call) error {
	p := newParser(body, limit)
	c.ID = p.fixed64()
	c.Task = int(min(p.uvarint(), math.MaxInt32))
	c.Attempt = uint32(p.uvarint())
	if deadline := p.varint(); deadline != 0 {
		c.Deadline = time.Unix(0, deadline)
	}
	c.TaskID = p.text()
	if n := p.count(itemBytes); n > 0 {
		c.Args = make([]task.Value, n)
		for i := range c.Args {
			c.Args[i] = p.value(0)
		}
	}
	return p.end()
}

// appendAnswer makes an answer's frame of at most limit bytes.
func appendAnswer(b []byte, limit int, id uint64, status library.Status, v task.Value) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(beginFrame(b, frameAnswer), id)
	e := encoder{b: append(b, byte(status)), limit: limit}
	e.value(v, 0)
	return endFrame(e.b), e.err
}

// parseAnswer reads what follows an answer's id. The value shares its memory.
func parseAnswer(body []byte, limit int) (library.Status, task.Value, error) {
	p := newParser(body, limit)
	status := library.Status(within(&p, p.byte(), 0, byte(library.BadArguments)))
	v := p.value(0)
	return status, v, p.end()
}

// A table is what a child tells of itself once it has loaded its file.
type table struct {
	library.Description

	notes []string
}

// maxTasks is how many tasks, and notes, a file may have.
const maxTasks = 10_000

// helloFrame makes a hello.
func helloFrame(t table) []byte {
	b := binary.AppendUvarint(beginFrame(nil, frameHello), protocol)
	b = binary.AppendUvarint(b, uint64(len(t.notes)))
	for _, note := range t.notes {
		b = appendString(b, note)
	}
	b = appendString(appendString(b, t.Version), t.Doc)
	b = binary.AppendUvarint(b, uint64(len(t.Tasks)))
	for _, info := range t.Tasks {
		b = appendString(b, info.Name)
		b = appendNumber(b, task.Bool(info.Async))
		b = appendString(appendString(b, info.Signature), info.Doc)
	}
	return endFrame(b)
}

// parseHello reads a hello's body, which it does not share.
func parseHello(body []byte) (table, error) {
	p := parser{b: []byte(string(body)), room: maxTasks}
	if version := p.uvarint(); version != protocol {
		return table{}, fmt.Errorf("it speaks version %d of the protocol, and not %d", version, protocol)
	}
	var t table
	for range p.count(1) {
		t.notes = append(t.notes, p.text())
	}
	t.Version, t.Doc = p.text(), p.text()
	for range p.count(1) {
		t.Tasks = append(t.Tasks, library.TaskInfo{
			Name: p.text(), Async: within(&p, p.byte(), 0, 1) == 1, Signature: p.text(), Doc: p.text(),
		})
	}
	return t, p.end()
}
