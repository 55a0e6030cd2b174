//go:build wasip1

package main

import (
	"fmt"
	"math"
	"unsafe"
)

// value is the ABI's task_value.
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

// address and pointer are the ABI's view of a pointer: 32 bits of memory.
func address(p unsafe.Pointer) uint32           { return uint32(uintptr(p)) }
func pointer(address uint64) (p unsafe.Pointer) { return unsafe.Add(p, uint32(address)) }

// decode copies an argument: what the host wrote is gone with the call.
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
		return decodeList(v.payload, v.n)
	case kindMap:
		fields := make(map[string]any, v.n)
		pairs := unsafe.Slice((*value)(pointer(v.payload)), 2*v.n)
		for i := 0; i < len(pairs); i += 2 {
			fields[decode(&pairs[i]).(string)] = decode(&pairs[i+1])
		}
		return fields
	default:
		return nil
	}
}

func decodeList(address, n uint64) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = decode((*value)(pointer(address + uint64(i)*24)))
	}
	return items
}

// held keeps what an output points to until the host has read it.
var held []any

// encode returns a result as the ABI has it, pointing to memory that held holds.
func encode(result any) (value, error) {
	switch v := result.(type) {
	case nil:
		return value{}, nil
	case bool:
		if v {
			return value{kind: kindBool, payload: 1}, nil
		}
		return value{kind: kindBool}, nil
	case int32:
		return value{kind: kindInt32, payload: uint64(v)}, nil
	case int:
		return value{kind: kindInt64, payload: uint64(v)}, nil
	case int64:
		return value{kind: kindInt64, payload: uint64(v)}, nil
	case uint32:
		return value{kind: kindUint32, payload: uint64(v)}, nil
	case uint64:
		return value{kind: kindUint64, payload: v}, nil
	case float32:
		return value{kind: kindFloat, payload: math.Float64bits(float64(v))}, nil
	case float64:
		return value{kind: kindDouble, payload: math.Float64bits(v)}, nil
	case string:
		return point(kindString, unsafe.Pointer(unsafe.StringData(v)), len(v), v), nil
	case []byte:
		return point(kindBytes, unsafe.Pointer(unsafe.SliceData(v)), len(v), v), nil
	case []any:
		items := make([]value, 0, len(v))
		err := appendValues(&items, v...)
		return point(kindList, unsafe.Pointer(unsafe.SliceData(items)), len(v), items), err
	case map[string]any:
		items := make([]value, 0, 2*len(v))
		for key, field := range v {
			if err := appendValues(&items, key, field); err != nil {
				return value{}, err
			}
		}
		return point(kindMap, unsafe.Pointer(unsafe.SliceData(items)), len(v), items), nil
	default:
		return value{}, fmt.Errorf("a %T is not a result of a task", result)
	}
}

func appendValues(to *[]value, values ...any) error {
	for _, v := range values {
		encoded, err := encode(v)
		if err != nil {
			return err
		}
		*to = append(*to, encoded)
	}
	return nil
}

// point returns a value that points to memory, and holds that.
func point(kind uint32, p unsafe.Pointer, n int, memory any) value {
	held = append(held, memory)
	return value{kind: kind, payload: uint64(address(p)), n: uint64(n)}
}
