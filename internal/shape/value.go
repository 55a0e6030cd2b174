package shape

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
	"github.com/taskscheduler/taskscheduler/task"
)

// Value returns the value that has this text and this shape. ok is false if they
// don't belong together, for null, and for a list that holds one: the contract
// has no type for it. A map's key that has null is left out.
func Value(text, shape string) (v task.Value, ok bool) {
	if shape == "" {
		return task.Value{}, false
	}
	if kind := task.Kind(shape[0]); kind != task.KindList && kind != task.KindMap {
		v, ok = scalar(kind, text)
		return v, ok && len(shape) == 1
	}
	checked, err := jsontext.Check([]byte(text), task.MaxDepth)
	if err != nil {
		return task.Value{}, false
	}
	r := reader{Cursor: checked.Cursor(), shape: shape}
	v, end := r.value(0)
	return v, !r.failed && end == len(shape)
}

// scalar makes a value of that kind from its text.
func scalar(kind task.Kind, text string) (v task.Value, ok bool) {
	var err error
	switch kind {
	case task.KindBool:
		v = task.Bool(text == "true")
		return v, text == "true" || text == "false"
	case task.KindInt32, task.KindInt64:
		var i int64
		if i, err = strconv.ParseInt(text, 10, bits(kind)); kind == task.KindInt32 {
			return task.Int32(int32(i)), err == nil
		}
		return task.Int64(i), err == nil
	case task.KindUint32, task.KindUint64:
		var u uint64
		if u, err = strconv.ParseUint(text, 10, bits(kind)); kind == task.KindUint32 {
			return task.Uint32(uint32(u)), err == nil
		}
		return task.Uint64(u), err == nil
	case task.KindFloat, task.KindDouble:
		var f float64
		if f, err = strconv.ParseFloat(text, bits(kind)); kind == task.KindFloat {
			return task.Float(float32(f)), err == nil
		}
		return task.Double(f), err == nil
	case task.KindString:
		return task.String(text), utf8.ValidString(text)
	case task.KindBytes:
		return task.Bytes([]byte(text)), true
	default:
		return task.Value{}, false
	}
}

func bits(kind task.Kind) int {
	if kind == task.KindInt32 || kind == task.KindUint32 || kind == task.KindFloat {
		return 32
	}
	return 64
}

// reader reads a text as a shape has it. After the first thing that does not
// belong together it reads no more.
type reader struct {
	jsontext.Cursor

	shape  string
	failed bool
}

// value reads the value whose shape begins at an offset, and returns where that
// ends.
func (r *reader) value(at int) (v task.Value, end int) {
	if at >= len(r.shape) {
		return r.fail()
	}
	kind, what := task.Kind(r.shape[at]), r.Kind()
	switch {
	case !fits(kind, what):
		return r.fail()
	case kind == task.KindList:
		return r.list(at + 1)
	case kind == task.KindMap:
		return r.fields(at + 1)
	case what == jsontext.String:
		v = r.scalar(kind, r.String())
	case what == jsontext.Number:
		v = r.scalar(kind, r.Number())
	case kind == task.KindBool:
		v = task.Bool(what == jsontext.True)
		r.Skip()
	default:
		r.Skip()
	}
	return v, at + 1
}

// fits reports whether a value of that kind may begin so in a text.
func fits(kind task.Kind, what byte) bool {
	switch what {
	case jsontext.Array:
		return kind == task.KindList
	case jsontext.Object:
		return kind == task.KindMap
	case jsontext.Null:
		return kind == task.KindNull
	case jsontext.True, jsontext.False:
		return kind == task.KindBool
	case jsontext.String: // a float may be "NaN"
		return kind == task.KindFloat || kind == task.KindDouble || kind == task.KindString || kind == task.KindBytes
	default:
		return task.KindInt32 <= kind && kind <= task.KindDouble
	}
}

// scalar makes a value of its text inside a list or map, where bytes are base64.
func (r *reader) scalar(kind task.Kind, text string) task.Value {
	if kind == task.KindBytes {
		b, err := base64.StdEncoding.DecodeString(text)
		r.failed = r.failed || err != nil
		return task.Bytes(b)
	}
	v, ok := scalar(kind, text)
	r.failed = r.failed || !ok
	return v
}

func (r *reader) fail() (v task.Value, end int) {
	r.failed = true
	return v, len(r.shape)
}

func (r *reader) list(at int) (v task.Value, end int) {
	var items []task.Value
	end = r.elements(at, func(at int) int {
		item, end := r.value(at)
		r.failed = r.failed || item.Kind() == task.KindNull
		items = append(items, item)
		return end
	})
	return task.ListOf(items...), end
}

func (r *reader) fields(at int) (v task.Value, end int) {
	fields := make(map[string]task.Value)
	end = r.elements(at, func(at int) int {
		key := r.Key()
		field, end := r.value(at)
		if field.Kind() != task.KindNull {
			fields[key] = field
		}
		return end
	})
	return task.MapOf(fields), end
}

// elements reads those of the list or map that begins here; read reads one whose
// shape begins at an offset, and returns where that ends. So does elements.
func (r *reader) elements(at int, read func(at int) int) (end int) {
	r.Enter()
	for {
		n, start := r.number(at)
		if n == 0 {
			r.failed = r.failed || r.More()
			return start
		}
		for ; n > 0 && !r.failed; n-- {
			if !r.More() {
				r.failed = true
				break
			}
			at = read(start)
		}
		if r.failed {
			return len(r.shape)
		}
	}
}

// number reads a run's number, and returns where its shape begins.
func (r *reader) number(at int) (n uint64, start int) {
	if at >= len(r.shape) {
		r.failed = true
		return 0, at
	}
	n, size := uvarint(r.shape[at:])
	r.failed = r.failed || size == 0
	return n, at + size
}

// uvarint reads a number at the front of s; size 0: there is none.
func uvarint(s string) (n uint64, size int) {
	var number [binary.MaxVarintLen64]byte
	n, size = binary.Uvarint(number[:copy(number[:], s)])
	return n, max(size, 0)
}

// Parts returns of how many values one of that shape is made, itself included.
func Parts(shape string) int {
	n, _ := parts(shape, 0, task.MaxDepth+1)
	return int(min(n, math.MaxInt32))
}

// parts counts those of the shape that begins at an offset, and returns where it
// ends.
func parts(shape string, at, levels int) (n float64, end int) {
	if at >= len(shape) || levels == 0 {
		return 0, len(shape)
	}
	kind := task.Kind(shape[at])
	n, at = 1, at+1
	if kind != task.KindList && kind != task.KindMap {
		return n, at
	}
	for at < len(shape) {
		times, size := uvarint(shape[at:])
		if at += max(size, 1); times == 0 {
			break
		}
		var each float64
		each, at = parts(shape, at, levels-1)
		n += float64(times) * each
	}
	return n, at
}
