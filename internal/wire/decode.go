package wire

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errUnknownType = errors.New("no type that arguments may have")
	errTooDeep     = fmt.Errorf("more than %d lists and maps inside each other", task.MaxDepth)
)

// smallestAny is how many bytes the shortest Any with a value takes. It keeps
// what a count of items may allocate in proportion to the message.
const smallestAny = len(nameMap)

// Decode returns the value that an Any of this type URL holds. Only what
// follows the URL's last slash counts. The value shares the memory of value,
// which must not change any more.
//
// An error names the type and, for something inside a list or map, where it
// is. Its text is short and valid UTF-8 whatever the client sent.
func Decode(typeURL string, value []byte) (task.Value, error) {
	if !utf8.ValidString(typeURL) {
		return task.Value{}, typeError(typeURL, errNotUTF8)
	}
	return decode(typeURL, value, 0)
}

// shares tells whether values of a type share the memory that they came in.
func shares(typeURL string) bool {
	switch typeURL[strings.LastIndexByte(typeURL, '/')+1:] {
	case nameString, nameBytes, nameList, nameMap:
		return true
	}
	return false
}

// decode decodes what lies inside depth lists and maps.
func decode(typeURL string, b []byte, depth int) (v task.Value, err error) {
	name := typeURL[strings.LastIndexByte(typeURL, '/')+1:]
	switch {
	case name != nameList && name != nameMap:
		v, err = decodeWrapper(name, b)
		if err != nil {
			err = typeError(typeURL, err)
		}
	case depth == task.MaxDepth:
		err = typeError(typeURL, errTooDeep)
	case name == nameList:
		v, err = decodeList(typeURL, b, depth)
	default:
		v, err = decodeMap(typeURL, b, depth)
	}
	if err != nil {
		return task.Value{}, err
	}
	return v, nil
}

func decodeWrapper(name string, b []byte) (task.Value, error) {
	switch name {
	case nameBool:
		bits, err := decodeBits(b, protowire.VarintType)
		return task.Bool(bits != 0), err
	case nameInt32: // as protobuf does, what is longer loses its upper bits
		bits, err := decodeBits(b, protowire.VarintType)
		return task.Int32(int32(bits)), err
	case nameInt64:
		bits, err := decodeBits(b, protowire.VarintType)
		return task.Int64(int64(bits)), err
	case nameUint32:
		bits, err := decodeBits(b, protowire.VarintType)
		return task.Uint32(uint32(bits)), err
	case nameUint64:
		bits, err := decodeBits(b, protowire.VarintType)
		return task.Uint64(bits), err
	case nameFloat:
		bits, err := decodeBits(b, protowire.Fixed32Type)
		return task.Float(math.Float32frombits(uint32(bits))), err
	case nameDouble:
		bits, err := decodeBits(b, protowire.Fixed64Type)
		return task.Double(math.Float64frombits(bits)), err
	case nameString:
		return decodeString(b)
	case nameBytes:
		return decodeBytes(b)
	default:
		return task.Value{}, errUnknownType
	}
}

// decodeBits returns the bits of a wrapper's number.
func decodeBits(b []byte, typ protowire.Type) (bits uint64, err error) {
	f := fields{all: b}
	for f.next() {
		if f.is(fieldValue, typ) {
			bits = f.bits
		}
	}
	return bits, f.err
}

func decodeString(b []byte) (task.Value, error) {
	var s string
	f := fields{all: b}
	for f.next() {
		if f.is(fieldValue, protowire.BytesType) {
			var err error
			if s, err = f.text(); err != nil {
				return task.Value{}, err
			}
		}
	}
	return task.String(s), f.err
}

func decodeBytes(b []byte) (task.Value, error) {
	var raw []byte
	f := fields{all: b}
	for f.next() {
		if f.is(fieldValue, protowire.BytesType) {
			raw = f.bytes()
		}
	}
	return task.Bytes(raw), f.err
}

func decodeList(typeURL string, b []byte, depth int) (task.Value, error) {
	count, err := countFields(b, fieldValues)
	if err != nil {
		return task.Value{}, typeError(typeURL, err)
	}
	items := make([]task.Value, 0, min(count, len(b)/smallestAny))
	f := fields{all: b}
	for f.next() {
		if !f.is(fieldValues, protowire.BytesType) {
			continue
		}
		var item packed
		if err := item.merge(f.bytes()); err != nil {
			return task.Value{}, typeError(typeURL, fmt.Errorf("item %d: %w", len(items)+1, err))
		}
		v, err := decode(item.typeURL, item.value, depth+1)
		if err != nil {
			return task.Value{}, inside(itemStep(len(items)), err)
		}
		items = append(items, v)
	}
	return task.ListOf(items...), nil
}

// decodeMap goes through the entries from the last to the first: of those with
// the same key the last one counts, and the others may hold anything.
func decodeMap(typeURL string, b []byte, depth int) (task.Value, error) {
	starts, err := entryStarts(b)
	if err != nil {
		return task.Value{}, typeError(typeURL, err)
	}
	result := make(map[string]task.Value, min(len(starts), len(b)/smallestAny))
	for _, start := range slices.Backward(starts) {
		f := fields{all: b[start:]}
		f.next()
		e, _ := parseEntry(f.bytes()) // entryStarts has seen that it can be parsed
		if _, later := result[e.key]; later {
			continue
		}
		v, err := decode(e.item.typeURL, e.item.value, depth+1)
		if err != nil {
			return task.Value{}, inside(keyStep(e.key), err)
		}
		result[e.key] = v
	}
	return task.MapOf(result), nil
}

// entryStarts returns where the entries of a MapValue begin. It keeps no more
// than that: in a message of empty entries anything else would take a multiple
// of the message's memory.
func entryStarts(b []byte) ([]int, error) {
	count, err := countFields(b, fieldFields)
	if err != nil {
		return nil, err
	}
	starts := make([]int, 0, count)
	f := fields{all: b}
	for start := 0; f.next(); start = f.at {
		if !f.is(fieldFields, protowire.BytesType) {
			continue
		}
		if _, err := parseEntry(f.bytes()); err != nil {
			return nil, err
		}
		starts = append(starts, start)
	}
	return starts, nil
}

// countFields returns how many messages of that field number b holds. It fails
// where next would.
func countFields(b []byte, number protowire.Number) (count int, err error) {
	f := fields{all: b}
	for f.next() {
		if f.is(number, protowire.BytesType) {
			count++
		}
	}
	return count, f.err
}
