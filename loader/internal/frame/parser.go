package frame

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
	"unsafe"

	"github.com/taskscheduler/taskscheduler/task"
)

// The memory that an item takes at most when its frame has been read: this is
// what it counts against the size that a frame may have, so that a few bytes
// can't ask for a lot of memory.
const (
	itemBytes  = int(unsafe.Sizeof(task.Value{}))
	fieldBytes = 2*itemBytes + 2*16
)

// A parser reads a frame's body. The first thing that is wrong ends it: from
// then on it returns zeroes, and err says what it was.
type parser struct {
	b []byte
	// room is how much memory the frame's lists and maps may still ask for.
	room int
	err  error
}

// newParser returns a parser of a frame that may be limit bytes long. What is in
// it may take twice that in memory, as the same does in a client's message.
func newParser(body []byte, limit int) parser { return parser{b: body, room: 2 * limit} }

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err, p.b = err, nil
	}
}

// end returns what was wrong, be it that something follows.
func (p *parser) end() error {
	if len(p.b) > 0 {
		p.fail(errLeftOvers)
	}
	return p.err
}

func (p *parser) take(n uint64) []byte {
	if n > uint64(len(p.b)) {
		p.fail(errShort)
		return nil
	}
	taken := p.b[:n:n]
	p.b = p.b[n:]
	return taken
}

func (p *parser) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) fixed64() uint64 {
	if b := p.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (p *parser) fixed32() uint32 {
	if b := p.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) uvarint() uint64 {
	u, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.fail(errShort)
		return 0
	}
	p.b = p.b[n:]
	return u
}

func (p *parser) varint() int64 {
	i, n := binary.Varint(p.b)
	if n <= 0 {
		p.fail(errShort)
		return 0
	}
	p.b = p.b[n:]
	return i
}

// text returns a string that shares the frame's memory.
func (p *parser) text() string {
	b := p.take(p.uvarint())
	if !utf8.Valid(b) {
		p.fail(errNotUTF8)
		return ""
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// count returns how many items of that size in memory follow. Each takes at
// least a byte of the frame.
func (p *parser) count(size int) int {
	n := p.uvarint()
	switch {
	case n > uint64(len(p.b)):
		p.fail(errShort)
		return 0
	case int(n) > p.room/size:
		p.fail(ErrTooLarge)
		return 0
	}
	p.room -= int(n) * size
	return int(n)
}

// value returns a value, which lies inside depth lists and maps and shares the
// frame's memory.
func (p *parser) value(depth int) task.Value {
	switch task.Kind(p.byte()) {
	case task.KindNull:
		return task.Null()
	case task.KindBool:
		return task.Bool(within(p, p.byte(), 0, 1) == 1)
	case task.KindInt32:
		return task.Int32(int32(within(p, p.varint(), math.MinInt32, math.MaxInt32)))
	case task.KindInt64:
		return task.Int64(p.varint())
	case task.KindUint32:
		return task.Uint32(uint32(within(p, p.uvarint(), 0, math.MaxUint32)))
	case task.KindUint64:
		return task.Uint64(p.uvarint())
	case task.KindFloat:
		return task.Float(math.Float32frombits(p.fixed32()))
	case task.KindDouble:
		return task.Double(math.Float64frombits(p.fixed64()))
	case task.KindString:
		return task.String(p.text())
	case task.KindBytes:
		return task.Bytes(p.take(p.uvarint()))
	case task.KindList:
		return p.list(depth)
	case task.KindMap:
		return p.fields(depth)
	default:
		p.fail(errNoKind)
		return task.Null()
	}
}

// within returns n, or 0 when it is outside of its kind.
func within[N byte | int64 | uint64](p *parser, n, lowest, highest N) N {
	if n < lowest || n > highest {
		p.fail(errNumber)
		return 0
	}
	return n
}

func (p *parser) list(depth int) task.Value {
	if depth == task.MaxDepth {
		p.fail(errTooDeep)
		return task.Null()
	}
	items := make([]task.Value, p.count(itemBytes))
	for i := range items {
		items[i] = p.value(depth + 1)
	}
	return task.ListOf(items...)
}

func (p *parser) fields(depth int) task.Value {
	if depth == task.MaxDepth {
		p.fail(errTooDeep)
		return task.Null()
	}
	n := p.count(fieldBytes)
	fields := make(map[string]task.Value, n)
	for range n {
		key := p.text()
		fields[key] = p.value(depth + 1)
	}
	return task.MapOf(fields)
}
