//go:build cgo || wasip1

package taskplugin

import (
	"fmt"
	"math"
	"reflect"
	"unsafe"
)

// value is the ABI's task_value. A pointer is in payload, as a number.
type value struct {
	kind, reserved uint32
	payload        uint64
	n              uint64
}

// The kinds of value.
const (
	kindNull = iota
	kindBool
	kindInt32
	kindInt64
	kindUint32
	kindUint64
	kindFloat
	kindDouble
	kindString
	kindBytes
	kindList
	kindMap
)

// pointer returns an address as what can be followed. What lies there is the
// server's, or was got by allocate: nothing that Go would move or collect.
func pointer(address uint64) unsafe.Pointer {
	address &= addressMask
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// decode copies an argument: the server's memory is gone with the call.
func decode(v *value) any {
	switch v.kind {
	case kindBool:
		return v.payload != 0
	case kindInt32:
		return int32(v.payload)
	case kindInt64:
		return int64(v.payload)
	case kindUint32:
		return uint32(v.payload)
	case kindUint64:
		return v.payload
	case kindFloat:
		return float32(math.Float64frombits(v.payload))
	case kindDouble:
		return math.Float64frombits(v.payload)
	case kindString:
		return string(unsafe.Slice((*byte)(pointer(v.payload)), v.n))
	case kindBytes:
		return append([]byte{}, unsafe.Slice((*byte)(pointer(v.payload)), v.n)...)
	case kindList:
		return decodeAll(pointer(v.payload), v.n)
	case kindMap:
		items := decodeAll(pointer(v.payload), 2*v.n)
		fields := make(map[string]any, v.n)
		for i := 0; i < len(items); i += 2 {
			key, _ := items[i].(string) // the server gives no other
			fields[key] = items[i+1]
		}
		return fields
	default:
		return nil
	}
}

func decodeAll(first unsafe.Pointer, n uint64) []any {
	values := unsafe.Slice((*value)(first), n)
	items := make([]any, n)
	for i := range values {
		items[i] = decode(&values[i])
	}
	return items
}

// encode returns a result as the ABI has it. What it points to stays until
// release.
func encode(result any) (v value, err error) {
	r := reflect.ValueOf(result)
	switch r.Kind() {
	case reflect.Invalid: // nil
	case reflect.Bool:
		v.kind = kindBool
		if r.Bool() {
			v.payload = 1
		}
	case reflect.Int8, reflect.Int16, reflect.Int32:
		v.kind, v.payload = kindInt32, uint64(r.Int())
	case reflect.Int, reflect.Int64:
		v.kind, v.payload = kindInt64, uint64(r.Int())
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		v.kind, v.payload = kindUint32, r.Uint()
	case reflect.Uint, reflect.Uint64:
		v.kind, v.payload = kindUint64, r.Uint()
	case reflect.Float32:
		v.kind, v.payload = kindFloat, math.Float64bits(r.Float())
	case reflect.Float64:
		v.kind, v.payload = kindDouble, math.Float64bits(r.Float())
	case reflect.String:
		v = encodeBytes(kindString, r.String())
	case reflect.Slice, reflect.Map:
		return encodeMany(r)
	case reflect.Interface, reflect.Pointer:
		if r.IsNil() {
			return v, nil
		}
		return encode(r.Elem().Interface())
	default:
		err = fmt.Errorf("a %T can't be a task's result", result)
	}
	return v, err
}

func encodeBytes(kind uint32, text string) value {
	address, memory := allocate(len(text))
	copy(memory, text)
	return value{kind: kind, payload: address, n: uint64(len(text))}
}

func encodeMany(r reflect.Value) (v value, err error) {
	var items []any
	switch {
	case r.Kind() == reflect.Map && r.Type().Key().Kind() != reflect.String:
		return v, fmt.Errorf("a %s can't be a task's result: keys are strings", r.Type())
	case r.Kind() == reflect.Map:
		v.kind, v.n = kindMap, uint64(r.Len())
		for _, key := range r.MapKeys() {
			items = append(items, key.String(), r.MapIndex(key).Interface())
		}
	case r.Type().Elem().Kind() == reflect.Uint8:
		return encodeBytes(kindBytes, string(r.Bytes())), nil
	default:
		v.kind, v.n = kindList, uint64(r.Len())
		for i := range r.Len() {
			items = append(items, r.Index(i).Interface())
		}
	}
	address, memory := allocate(len(items) * int(unsafe.Sizeof(v)))
	v.payload = address
	to := unsafe.Slice((*value)(unsafe.Pointer(unsafe.SliceData(memory))), len(items)) // zeroed
	for i, item := range items {
		if to[i], err = encode(item); err != nil {
			release(&v)
			return value{}, err
		}
	}
	return v, nil
}

// release frees what a value points to that encode made.
func release(v *value) {
	n := v.n
	switch v.kind {
	case kindString, kindBytes:
		n = 0
	case kindList:
	case kindMap:
		n *= 2
	default:
		return
	}
	items := unsafe.Slice((*value)(pointer(v.payload)), n)
	for i := range items {
		release(&items[i])
	}
	free(v.payload)
	*v = value{}
}
