package task

import (
	"math"
	"unsafe"
)

// Kind says what a [Value] holds. The kinds are those of the wire contract,
// and of the plugin ABI with the same numbers.
type Kind uint8

// The kinds of value.
const (
	KindNull Kind = iota
	KindBool
	KindInt32
	KindInt64
	KindUint32
	KindUint64
	KindFloat
	KindDouble
	KindString
	KindBytes
	KindList
	KindMap
)

var kindNames = [...]string{
	"null", "bool", "int32", "int64", "uint32", "uint64",
	"float", "double", "string", "bytes", "list", "map",
}

// String returns the kind's name in the contract: "int32", "list".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "invalid"
}

// List is a list argument. As a parameter it is the same as []Value, except
// that a function whose only parameter is []Value gets all the arguments.
type List []Value

// Map is a map argument, the same as map[string]Value.
type Map map[string]Value

// A Value is an argument or a result: one of the kinds of the contract. The
// zero Value is null. Values are passed by value, may be copied, and are safe
// for concurrent use as long as nobody writes to the slice or map inside.
//
// Like slog.Value it is small (24 bytes) and holds numbers and strings without
// allocating.
type Value struct {
	_ [0]func() // no ==: it would compare pointers
	// ref is a string's or bytes' first byte, a list's first Value, or a *Map.
	ref unsafe.Pointer
	// num is a number's bits, or the length of what ref points to.
	num  uint64
	kind Kind
}

// Null returns the null value, which is also the zero Value.
func Null() Value { return Value{} }

// Bool returns a bool value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Int32 returns an int32 value.
func Int32(i int32) Value { return Value{kind: KindInt32, num: uint64(i)} }

// Int64 returns an int64 value.
func Int64(i int64) Value { return Value{kind: KindInt64, num: uint64(i)} }

// Uint32 returns a uint32 value.
func Uint32(u uint32) Value { return Value{kind: KindUint32, num: uint64(u)} }

// Uint64 returns a uint64 value.
func Uint64(u uint64) Value { return Value{kind: KindUint64, num: u} }

// Float returns a single-precision value.
func Float(f float32) Value { return Value{kind: KindFloat, num: uint64(math.Float32bits(f))} }

// Double returns a double-precision value.
func Double(f float64) Value { return Value{kind: KindDouble, num: math.Float64bits(f)} }

// String returns a string value.
func String(s string) Value {
	return Value{kind: KindString, num: uint64(len(s)), ref: unsafe.Pointer(unsafe.StringData(s))}
}

// Bytes returns a bytes value that shares b, which must not change any more.
func Bytes(b []byte) Value {
	return Value{kind: KindBytes, num: uint64(len(b)), ref: unsafe.Pointer(unsafe.SliceData(b))}
}

// ListOf returns a list value that shares items, which must not change any more.
func ListOf(items ...Value) Value {
	return Value{kind: KindList, num: uint64(len(items)), ref: unsafe.Pointer(unsafe.SliceData(items))}
}

// MapOf returns a map value that shares fields, which must not change any more.
func MapOf(fields map[string]Value) Value {
	m := Map(fields)
	return Value{kind: KindMap, num: uint64(len(m)), ref: unsafe.Pointer(&m)}
}

// Kind returns what v holds.
func (v Value) Kind() Kind { return v.kind }

// Bool returns v's bool; ok is false when v is of another kind.
func (v Value) Bool() (b, ok bool) { return v.kind == KindBool && v.num == 1, v.kind == KindBool }

// Int32 returns v's number; ok is false, and the number 0, when v is of another
// kind. So it is with the other numbers.
func (v Value) Int32() (i int32, ok bool) {
	if v.kind != KindInt32 {
		return 0, false
	}
	return int32(v.num), true
}

// Int64 returns v's number, widened when v is an int32 or uint32.
func (v Value) Int64() (i int64, ok bool) {
	if v.kind != KindInt64 && v.kind != KindInt32 && v.kind != KindUint32 {
		return 0, false
	}
	return int64(v.num), true
}

// Uint32 returns v's number.
func (v Value) Uint32() (u uint32, ok bool) {
	if v.kind != KindUint32 {
		return 0, false
	}
	return uint32(v.num), true
}

// Uint64 returns v's number, widened when v is a uint32.
func (v Value) Uint64() (u uint64, ok bool) {
	if v.kind != KindUint64 && v.kind != KindUint32 {
		return 0, false
	}
	return v.num, true
}

// Float returns v's number.
func (v Value) Float() (f float32, ok bool) {
	if v.kind != KindFloat {
		return 0, false
	}
	return math.Float32frombits(uint32(v.num)), true
}

// Double returns v's number, widened when v is a float, int32 or uint32.
func (v Value) Double() (f float64, ok bool) {
	switch v.kind {
	case KindDouble:
		return math.Float64frombits(v.num), true
	case KindFloat:
		return float64(math.Float32frombits(uint32(v.num))), true
	case KindInt32:
		return float64(int32(v.num)), true
	case KindUint32:
		return float64(uint32(v.num)), true
	default:
		return 0, false
	}
}

// Str returns v's string; ok is false when v is of another kind. (String is
// v as text, whatever its kind.)
func (v Value) Str() (s string, ok bool) {
	if v.kind != KindString {
		return "", false
	}
	return unsafe.String((*byte)(v.ref), v.num), true
}

// Bytes returns v's bytes, which must not be written to; ok is false when v is
// of another kind.
func (v Value) Bytes() (b []byte, ok bool) {
	if v.kind != KindBytes {
		return nil, false
	}
	return unsafe.Slice((*byte)(v.ref), v.num), true
}

// List returns v's items, which must not be written to; ok is false when v is
// of another kind.
func (v Value) List() (items List, ok bool) {
	if v.kind != KindList {
		return nil, false
	}
	return unsafe.Slice((*Value)(v.ref), v.num), true
}

// Map returns v's fields, which must not be written to; ok is false when v is
// of another kind.
func (v Value) Map() (fields Map, ok bool) {
	if v.kind != KindMap {
		return nil, false
	}
	return *(*Map)(v.ref), true
}
