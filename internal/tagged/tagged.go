// Package tagged is how what outlives a process is written: fields with numbers,
// in any order, of which a reader passes over those that it doesn't know. So
// the version before and the version after read each other's.
package tagged

import (
	"encoding/binary"
	"errors"
)

// ErrCut says that bytes are not, or not all, of what was written.
var ErrCut = errors.New("the record is cut off, or is none")

// AppendBytes appends a field that holds bytes.
func AppendBytes[T string | []byte](b []byte, number uint64, value T) []byte {
	b = binary.AppendUvarint(b, number<<1|1)
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

// AppendNumber appends a field that holds a number; a zero is left out.
func AppendNumber(b []byte, number, value uint64) []byte {
	if value == 0 {
		return b
	}
	return binary.AppendUvarint(binary.AppendUvarint(b, number<<1), value)
}

// A Reader goes through the fields of a record.
type Reader struct {
	// Number is the field's, Bytes and Value what it holds. Bytes is a part of
	// the record.
	Number uint64
	Bytes  []byte
	Value  uint64

	rest []byte
	err  error
}

// Read returns a reader that stands before the first field of a record.
func Read(record []byte) Reader { return Reader{rest: record} }

// Next goes to the next field; false: there is none, or the record is bad.
func (r *Reader) Next() bool {
	if len(r.rest) == 0 || r.err != nil {
		return false
	}
	key := r.uvarint()
	value := r.uvarint()
	r.Number, r.Bytes, r.Value = key>>1, nil, value
	if r.err == nil && key&1 == 1 {
		if value > uint64(len(r.rest)) {
			r.err = ErrCut
			return false
		}
		r.Bytes, r.rest, r.Value = r.rest[:value], r.rest[value:], 0
	}
	return r.err == nil
}

// Err returns [ErrCut] if the record is bad.
func (r *Reader) Err() error { return r.err }

func (r *Reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.err, r.rest = ErrCut, nil
		return 0
	}
	r.rest = r.rest[n:]
	return v
}
