package task

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxDepth is how many lists and maps may lie inside each other, protobuf's
// own recursion limit. It bounds what a client can send and what a task can
// answer.
const MaxDepth = 100

var (
	errNotUTF8 = errors.New("the result is not valid UTF-8")
	errTooDeep = errors.New("the result nests more than 100 lists and maps")
)

// Text returns v as the text that the contract's result field carries: a
// string as it is, bytes as the UTF-8 they hold, numbers in decimal (floats in
// the shortest form that reads back the same), null as the empty string, lists
// and maps as JSON with sorted keys and bytes in base64. It fails for text
// that is not valid UTF-8 and for nesting beyond [MaxDepth].
func (v Value) Text() (string, error) {
	switch v.kind {
	case KindNull:
		return "", nil
	case KindString, KindBytes:
		s, ok := v.Str()
		if !ok {
			b, _ := v.Bytes()
			s = string(b)
		}
		if !utf8.ValidString(s) {
			return "", errNotUTF8
		}
		return s, nil
	case KindList, KindMap:
		b, err := v.appendJSON(nil, 0)
		return string(b), err
	default:
		var buf [32]byte
		return string(v.appendNumber(buf[:0])), nil
	}
}

// String returns v as text for people: what [Value.Text] returns, or the
// reason in parentheses why there is none.
func (v Value) String() string {
	s, err := v.Text()
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return s
}

// appendNumber appends a bool or a number.
func (v Value) appendNumber(b []byte) []byte {
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(b, v.num == 1)
	case KindInt32, KindInt64:
		return strconv.AppendInt(b, int64(v.num), 10)
	case KindFloat:
		f, _ := v.Float()
		return appendFloat(b, float64(f), 32)
	case KindDouble:
		f, _ := v.Double()
		return appendFloat(b, f, 64)
	default:
		return strconv.AppendUint(b, v.num, 10)
	}
}

// appendFloat writes digits without an exponent as long as they stay short.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch { // infinity is spelled as protobuf's JSON and most languages do
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) { // the bounds of encoding/json
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, bits)
}

// appendJSON appends v, which lies inside depth lists and maps.
func (v Value) appendJSON(b []byte, depth int) ([]byte, error) {
	switch v.kind {
	case KindNull:
		return append(b, "null"...), nil
	case KindString:
		s, _ := v.Str()
		return appendQuoted(b, s)
	case KindBytes:
		raw, _ := v.Bytes()
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, raw)
		return append(b, '"'), nil
	case KindFloat, KindDouble:
		if f, _ := v.Double(); math.IsNaN(f) || math.IsInf(f, 0) { // as protobuf's JSON: a string
			return append(v.appendNumber(append(b, '"')), '"'), nil
		}
		return v.appendNumber(b), nil
	case KindList, KindMap:
		if depth == MaxDepth {
			return nil, errTooDeep
		}
		if v.kind == KindList {
			return v.appendList(b, depth)
		}
		return v.appendMap(b, depth)
	default:
		return v.appendNumber(b), nil
	}
}

func (v Value) appendList(b []byte, depth int) ([]byte, error) {
	items, _ := v.List()
	b = append(b, '[')
	var err error
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = item.appendJSON(b, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

func (v Value) appendMap(b []byte, depth int) ([]byte, error) {
	fields, _ := v.Map()
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b = append(b, '{')
	var err error
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendQuoted(b, key); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = fields[key].appendJSON(b, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// appendQuoted appends s as a JSON string. Unlike encoding/json it leaves <, >
// and & as they are: a result is not for pasting into HTML.
func appendQuoted(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errNotUTF8
	}
	b = append(b, '"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < ' ':
			b = fmt.Appendf(b, "\\u%04x", c)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"'), nil
}
