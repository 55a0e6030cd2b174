// Package shape keeps of a result what its text has lost: the kinds that it is
// made of. A result is kept as text, which is what nearly all clients want; with
// its shape, mostly one byte, the text can be made the value again for those who
// ask for that.
//
// A shape is a kind. Behind that of a list or a map come runs of elements that
// have the same shape, each as their number and that shape, in the order of the
// text; a zero ends them. So the shape of a list of a thousand int32s has five
// bytes.
package shape

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/taskscheduler/taskscheduler/task"
)

// kinds are the shapes that are one byte.
const kinds = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"

// Of returns the shape of v, of which there is a text: it does not nest too deep.
// Only lists and maps cost an allocation.
func Of(v task.Value) string {
	if kind := int(v.Kind()); kind < len(kinds) {
		return kinds[kind : kind+1]
	}
	var buffer [64]byte
	return string(appendShape(buffer[:0], v))
}

func appendShape(b []byte, v task.Value) []byte {
	b = append(b, byte(v.Kind()))
	var r run
	switch v.Kind() {
	case task.KindList:
		items, _ := v.List()
		for _, item := range items {
			b = r.append(b, item)
		}
	case task.KindMap:
		fields, _ := v.Map()
		var few [8]string // most maps have no more keys
		keys := few[:0]
		for key := range fields {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			b = r.append(b, fields[key])
		}
	default:
		return b
	}
	return append(r.close(b), 0)
}

// A run is the last one of a list or map, whose shape is the end of what is
// written; its number is still to be put before that.
type run struct {
	n     uint64
	start int
}

// append appends an element's shape to b, unless the run has the same.
func (r *run) append(b []byte, v task.Value) []byte {
	before := len(b)
	b = appendShape(b, v)
	if r.n > 0 && bytes.Equal(b[r.start:before], b[before:]) {
		r.n++
		return b[:before]
	}
	closed := r.close(b)
	r.n, r.start = 1, before+len(closed)-len(b)
	return closed
}

// close puts the run's number before its shape.
func (r *run) close(b []byte) []byte {
	if r.n == 0 {
		return b
	}
	var number [binary.MaxVarintLen64]byte
	return slices.Insert(b, r.start, number[:binary.PutUvarint(number[:], r.n)]...)
}
