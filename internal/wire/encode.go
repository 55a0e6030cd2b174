package wire

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/task"
)

// typePrefix is what protobuf's own libraries put before a type's name.
const typePrefix = "type.googleapis.com/"

var errNoType = errors.New("the contract has no type for it")

// Encode returns v as the type URL and the bytes of an Any. Equal values give
// equal bytes. It fails for null, which the contract has no type for, for
// strings that are not UTF-8, and for nesting beyond [task.MaxDepth].
func Encode(v task.Value) (typeURL string, value []byte, err error) {
	if typeURL, err = typeURLOf(v); err != nil {
		return "", nil, err
	}
	if value, err = appendValue(nil, v, 0); err != nil {
		return "", nil, err
	}
	return typeURL, value, nil
}

func typeURLOf(v task.Value) (string, error) {
	switch v.Kind() {
	case task.KindBool:
		return typePrefix + nameBool, nil
	case task.KindInt32:
		return typePrefix + nameInt32, nil
	case task.KindInt64:
		return typePrefix + nameInt64, nil
	case task.KindUint32:
		return typePrefix + nameUint32, nil
	case task.KindUint64:
		return typePrefix + nameUint64, nil
	case task.KindFloat:
		return typePrefix + nameFloat, nil
	case task.KindDouble:
		return typePrefix + nameDouble, nil
	case task.KindString:
		return typePrefix + nameString, nil
	case task.KindBytes:
		return typePrefix + nameBytes, nil
	case task.KindList:
		return typePrefix + nameList, nil
	case task.KindMap:
		return typePrefix + nameMap, nil
	case task.KindNull:
	}
	return "", fmt.Errorf("%s: %w", v.Kind(), errNoType)
}

// appendValue appends the message that v travels in, which lies inside depth
// lists and maps. As in all of protobuf, a zero takes no bytes.
func appendValue(b []byte, v task.Value, depth int) ([]byte, error) {
	switch v.Kind() {
	case task.KindBool:
		on, _ := v.Bool()
		return appendNumber(b, fieldValue, protowire.EncodeBool(on)), nil
	case task.KindInt32, task.KindInt64:
		i, _ := v.Int64()
		return appendNumber(b, fieldValue, uint64(i)), nil
	case task.KindUint32, task.KindUint64:
		u, _ := v.Uint64()
		return appendNumber(b, fieldValue, u), nil
	case task.KindFloat:
		f, _ := v.Float()
		if bits := math.Float32bits(f); bits != 0 {
			b = protowire.AppendTag(b, fieldValue, protowire.Fixed32Type)
			b = protowire.AppendFixed32(b, bits)
		}
		return b, nil
	case task.KindDouble:
		f, _ := v.Double()
		if bits := math.Float64bits(f); bits != 0 {
			b = protowire.AppendTag(b, fieldValue, protowire.Fixed64Type)
			b = protowire.AppendFixed64(b, bits)
		}
		return b, nil
	case task.KindString:
		s, _ := v.Str()
		return appendString(b, fieldValue, s)
	case task.KindBytes:
		if raw, _ := v.Bytes(); len(raw) > 0 {
			b = protowire.AppendTag(b, fieldValue, protowire.BytesType)
			b = protowire.AppendBytes(b, raw)
		}
		return b, nil
	default:
		if depth == task.MaxDepth {
			return nil, errTooDeep
		}
		if v.Kind() == task.KindList {
			return appendList(b, v, depth)
		}
		return appendMap(b, v, depth)
	}
}

func appendString(b []byte, number protowire.Number, s string) ([]byte, error) {
	switch {
	case !utf8.ValidString(s):
		return nil, errNotUTF8
	case s == "":
		return b, nil
	}
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendString(b, s), nil
}

func appendList(b []byte, v task.Value, depth int) ([]byte, error) {
	items, _ := v.List()
	for i, item := range items {
		b = protowire.AppendTag(b, fieldValues, protowire.BytesType)
		start := len(b)
		var err error
		if b, err = appendAny(b, item, depth+1); err != nil {
			return nil, inside(itemStep(i), err)
		}
		b = insertLength(b, start)
	}
	return b, nil
}

func appendMap(b []byte, v task.Value, depth int) ([]byte, error) {
	entries, _ := v.Map()
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		b = protowire.AppendTag(b, fieldFields, protowire.BytesType)
		start := len(b)
		var err error
		if b, err = appendEntry(b, key, entries[key], depth); err != nil {
			return nil, inside(keyStep(key), err)
		}
		b = insertLength(b, start)
	}
	return b, nil
}

func appendEntry(b []byte, key string, item task.Value, depth int) ([]byte, error) {
	b, err := appendString(b, fieldKey, key)
	if err != nil {
		return nil, err
	}
	b = protowire.AppendTag(b, fieldItem, protowire.BytesType)
	start := len(b)
	if b, err = appendAny(b, item, depth+1); err != nil {
		return nil, err
	}
	return insertLength(b, start), nil
}

func appendAny(b []byte, v task.Value, depth int) ([]byte, error) {
	typeURL, err := typeURLOf(v)
	if err != nil {
		return nil, err
	}
	b = protowire.AppendTag(b, fieldTypeURL, protowire.BytesType)
	b = protowire.AppendString(b, typeURL)
	b = protowire.AppendTag(b, fieldContent, protowire.BytesType)
	start := len(b)
	if b, err = appendValue(b, v, depth); err != nil {
		return nil, err
	}
	if len(b) == start { // nothing: the tag goes too
		return b[:start-protowire.SizeTag(fieldContent)], nil
	}
	return insertLength(b, start), nil
}

// insertLength puts the length of what begins at start before it.
func insertLength(b []byte, start int) []byte {
	var prefix [10]byte
	return slices.Insert(b, start, protowire.AppendVarint(prefix[:0], uint64(len(b)-start))...)
}
