package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
)

var errNotUTF8 = errors.New("a string is not valid UTF-8")

// fields reads a message's fields one after the other. It notes where things
// are rather than pointing there: a pointer costs a lot to write while the
// collector works.
type fields struct {
	all []byte
	at  int   // what was not read yet
	err error // why next stopped early

	number   protowire.Number
	typ      protowire.Type
	bits     uint64 // a varint or fixed field's value
	from, to int    // a length-delimited field's value
}

// bytes is a length-delimited field's value, shared with the message.
func (f *fields) bytes() []byte { return f.all[f.from:f.to:f.to] }

// next reads a field; false means that there is none, or err.
func (f *fields) next() bool {
	if f.at == len(f.all) {
		return false
	}
	return f.nextShort() || f.nextAny()
}

// nextShort reads a field as most are: its number and its length, or its value,
// take a byte each.
func (f *fields) nextShort() bool {
	b := f.all[f.at:]
	if len(b) < 2 || b[0] >= 0x80 || b[0] < 1<<3 || b[1] >= 0x80 {
		return false
	}
	switch typ := protowire.Type(b[0] & 7); {
	case typ == protowire.VarintType:
		f.typ, f.bits = typ, uint64(b[1])
		f.at += 2
	case typ == protowire.BytesType && 2+int(b[1]) <= len(b):
		f.typ, f.from = typ, f.at+2
		f.to = f.from + int(b[1])
		f.at = f.to
	default:
		return false
	}
	f.number = protowire.Number(b[0] >> 3)
	return true
}

func (f *fields) nextAny() bool {
	rest := f.all[f.at:]
	number, typ, n := protowire.ConsumeTag(rest)
	if n < 0 {
		return f.fail(protowire.ParseError(n))
	}
	if number > protowire.MaxValidNumber {
		return f.fail(errors.New("invalid field number"))
	}
	f.number, f.typ, rest = number, typ, rest[n:]
	switch typ {
	case protowire.VarintType:
		f.bits, n = protowire.ConsumeVarint(rest)
	case protowire.Fixed32Type:
		var bits uint32
		bits, n = protowire.ConsumeFixed32(rest)
		f.bits = uint64(bits)
	case protowire.Fixed64Type:
		f.bits, n = protowire.ConsumeFixed64(rest)
	case protowire.BytesType:
		var value []byte
		value, n = protowire.ConsumeBytes(rest)
		f.to = len(f.all) - len(rest) + n
		f.from = f.to - len(value)
	default: // a group, which no message of ours has, or an error
		n = protowire.ConsumeFieldValue(number, typ, rest)
	}
	if n < 0 {
		return f.fail(protowire.ParseError(n))
	}
	f.at = len(f.all) - len(rest) + n
	return true
}

// own copies the field, which is a length-delimited one, and all that follow.
func (f *fields) own() {
	f.all = bytes.Clone(f.all[f.from:])
	f.at, f.to, f.from = f.at-f.from, f.to-f.from, 0
}

func (f *fields) fail(err error) bool {
	f.at, f.from, f.to = len(f.all), 0, 0
	f.err = err
	return false
}

// is reports whether the field has that number. If it has, and another type
// than that, the reading ends.
func (f *fields) is(number protowire.Number, typ protowire.Type) bool {
	return f.number == number && f.as(typ)
}

// text returns the field's value as a string that shares its memory.
func (f *fields) text() (string, error) {
	b := f.bytes()
	if !utf8.Valid(b) {
		return "", errNotUTF8
	}
	return unsafe.String(unsafe.SliceData(b), len(b)), nil
}

// ownString is the field's string, in memory of its own: what is kept of a
// request, such as its id, must not keep all of it.
func (f *fields) ownString() string {
	if !f.as(protowire.BytesType) {
		return ""
	}
	s, err := f.text()
	f.note(err)
	return strings.Clone(s)
}

func (f *fields) varint() uint64 {
	if !f.as(protowire.VarintType) {
		return 0
	}
	return f.bits
}

// message reads the fields of the message that the field holds.
func (f *fields) message(field func(*fields)) {
	if !f.as(protowire.BytesType) {
		return
	}
	inner := fields{all: f.bytes()}
	for inner.next() {
		field(&inner)
	}
	f.note(inner.err)
}

// as reports whether the field has that type, and ends the reading if not: a
// known field of another type is a mistake, never a zero.
func (f *fields) as(typ protowire.Type) bool {
	if f.typ != typ {
		f.fail(fmt.Errorf("field %d has another wire type than its own", f.number))
	}
	return f.typ == typ
}

// note ends the reading if err is not nil.
func (f *fields) note(err error) {
	if err != nil && f.err == nil {
		f.fail(err)
	}
}

// packed is an Any.
type packed struct {
	typeURL string
	value   []byte
}

// merge reads an Any from b over what p holds.
func (p *packed) merge(b []byte) (err error) {
	f := fields{all: b}
	for f.next() {
		switch {
		case f.is(fieldTypeURL, protowire.BytesType):
			if p.typeURL, err = f.text(); err != nil {
				return err
			}
		case f.is(fieldContent, protowire.BytesType):
			p.value = f.bytes()
		}
	}
	return f.err
}

// entry is a MapValue's key and item.
type entry struct {
	key  string
	item packed
}

// parseEntry reads an entry. Its item may come in pieces, which are merged.
func parseEntry(b []byte) (e entry, err error) {
	f := fields{all: b}
	for f.next() {
		switch {
		case f.is(fieldKey, protowire.BytesType):
			e.key, err = f.text()
		case f.is(fieldItem, protowire.BytesType):
			err = e.item.merge(f.bytes())
		}
		if err != nil {
			return entry{}, err
		}
	}
	return e, f.err
}
