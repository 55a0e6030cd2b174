package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

// ErrTooLarge is that what is to be sent does not fit a frame.
var ErrTooLarge = errors.New("it is too large")

var (
	errNotUTF8   = errors.New("a string is not valid UTF-8")
	errTooDeep   = fmt.Errorf("more than %d lists and maps inside each other", task.MaxDepth)
	errShort     = errors.New("it ends too early")
	errNoKind    = errors.New("a value is of no kind that there is")
	errNumber    = errors.New("a number is not of its kind")
	errLeftOvers = errors.New("something follows its end")
)

// An encoder appends to a frame, until that would be larger than limit. The
// first thing that is wrong is kept in err.
type encoder struct {
	b     []byte
	limit int
	err   error
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// fits tells whether n bytes more, and the kind and the length before them, are
// within the limit.
func (e *encoder) fits(n int) bool {
	if e.err == nil && n > e.limit-len(e.b)-1-binary.MaxVarintLen64 {
		e.fail(ErrTooLarge)
	}
	return e.err == nil
}

func (e *encoder) text(s string) {
	switch {
	case !e.fits(len(s)):
	case !utf8.ValidString(s):
		e.fail(errNotUTF8)
	default:
		e.b = appendString(e.b, s)
	}
}

// value appends v, which lies inside depth lists and maps: a byte for its kind,
// then a number, or a length and what it counts.
func (e *encoder) value(v task.Value, depth int) {
	if !e.fits(binary.MaxVarintLen64) {
		return
	}
	e.b = append(e.b, byte(v.Kind()))
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		e.text(s)
	case task.KindBytes:
		if bytes, _ := v.Bytes(); e.fits(len(bytes)) {
			e.b = append(binary.AppendUvarint(e.b, uint64(len(bytes))), bytes...)
		}
	case task.KindList:
		e.list(v, depth)
	case task.KindMap:
		e.fields(v, depth)
	default:
		e.b = appendNumber(e.b, v)
	}
}

func (e *encoder) list(v task.Value, depth int) {
	if depth == task.MaxDepth {
		e.fail(errTooDeep)
		return
	}
	items, _ := v.List()
	e.b = binary.AppendUvarint(e.b, uint64(len(items)))
	for _, item := range items {
		if e.value(item, depth+1); e.err != nil {
			return
		}
	}
}

func (e *encoder) fields(v task.Value, depth int) {
	if depth == task.MaxDepth {
		e.fail(errTooDeep)
		return
	}
	fields, _ := v.Map()
	e.b = binary.AppendUvarint(e.b, uint64(len(fields)))
	for key, field := range fields {
		e.text(key)
		if e.value(field, depth+1); e.err != nil {
			return
		}
	}
}

func appendNumber(b []byte, v task.Value) []byte {
	switch v.Kind() {
	case task.KindBool:
		if yes, _ := v.Bool(); yes {
			return append(b, 1)
		}
		return append(b, 0)
	case task.KindInt32, task.KindInt64:
		i, _ := v.Int64()
		return binary.AppendVarint(b, i)
	case task.KindUint32, task.KindUint64:
		u, _ := v.Uint64()
		return binary.AppendUvarint(b, u)
	case task.KindFloat:
		f, _ := v.Float()
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	case task.KindDouble:
		f, _ := v.Double()
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	default: // null
		return b
	}
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// buffers are what calls and answers are encoded in.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// NewBuffer returns an empty buffer for a frame; see [Recycle].
func NewBuffer() *[]byte {
	b := buffers.Get().(*[]byte) //nolint:forcetypeassert // there is nothing else in it
	*b = (*b)[:0]
	return b
}

// Recycle lets others have a buffer, unless it is too large to be kept.
func Recycle(buffer *[]byte) {
	const largest = 64 << 10
	if cap(*buffer) <= largest {
		buffers.Put(buffer)
	}
}
