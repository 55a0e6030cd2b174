package main

/*
#include <stdlib.h>
#include "task_plugin.h"
*/
import "C"

import (
	"fmt"
	"math"
	"unsafe"
)

// payload is a task_value's union.
func payload(v *C.task_value) *uint64 { return (*uint64)(unsafe.Pointer(&v.as)) }

func pointer[T any](v *C.task_value) *T { return *(**T)(unsafe.Pointer(&v.as)) }

// decode copies an argument: the host's memory is gone with the call.
func decode(v *C.task_value) any {
	bits := *payload(v)
	switch v.kind {
	case C.TASK_BOOL:
		return bits != 0
	case C.TASK_INT32:
		return int32(bits)
	case C.TASK_INT64:
		return int64(bits)
	case C.TASK_UINT32:
		return uint32(bits)
	case C.TASK_UINT64:
		return bits
	case C.TASK_FLOAT:
		return float32(math.Float64frombits(bits))
	case C.TASK_DOUBLE:
		return math.Float64frombits(bits)
	case C.TASK_STRING:
		return string(unsafe.Slice(pointer[byte](v), v.n))
	case C.TASK_BYTES:
		return append([]byte{}, unsafe.Slice(pointer[byte](v), v.n)...)
	case C.TASK_LIST:
		return decodeList(pointer[C.task_value](v), v.n)
	case C.TASK_MAP:
		items := decodeList(pointer[C.task_value](v), 2*v.n)
		fields := make(map[string]any, v.n)
		for i := 0; i < len(items); i += 2 {
			fields[items[i].(string)] = items[i+1]
		}
		return fields
	default:
		return nil
	}
}

func decodeList(first *C.task_value, n C.uint64_t) []any {
	values := unsafe.Slice(first, n)
	items := make([]any, n)
	for i := range values {
		items[i] = decode(&values[i])
	}
	return items
}

// encode returns a result as the ABI has it. What it points to is C's memory,
// since the host reads it after Go has returned; releaseOutput frees it.
func encode(result any) (v C.task_value, err error) {
	switch r := result.(type) {
	case nil:
	case bool:
		v.kind = C.TASK_BOOL
		if r {
			*payload(&v) = 1
		}
	case int32:
		v.kind, *payload(&v) = C.TASK_INT32, uint64(r)
	case int:
		v.kind, *payload(&v) = C.TASK_INT64, uint64(r)
	case int64:
		v.kind, *payload(&v) = C.TASK_INT64, uint64(r)
	case uint32:
		v.kind, *payload(&v) = C.TASK_UINT32, uint64(r)
	case uint64:
		v.kind, *payload(&v) = C.TASK_UINT64, r
	case float32:
		v.kind, *payload(&v) = C.TASK_FLOAT, math.Float64bits(float64(r))
	case float64:
		v.kind, *payload(&v) = C.TASK_DOUBLE, math.Float64bits(r)
	case string:
		copy(allocate[byte](&v, C.TASK_STRING, len(r), 1), r)
	case []byte:
		copy(allocate[byte](&v, C.TASK_BYTES, len(r), 1), r)
	case []any:
		err = encodeAll(allocate[C.task_value](&v, C.TASK_LIST, len(r), 1), r)
	case map[string]any:
		items := make([]any, 0, 2*len(r))
		for key, field := range r {
			items = append(items, key, field)
		}
		err = encodeAll(allocate[C.task_value](&v, C.TASK_MAP, len(r), 2), items)
	default:
		err = fmt.Errorf("a %T is not a result of a task", result)
	}
	if err != nil {
		releaseOutput(&v)
	}
	return v, err
}

func encodeAll(to []C.task_value, values []any) (err error) {
	for i, value := range values {
		if to[i], err = encode(value); err != nil {
			return err
		}
	}
	return nil
}

// allocate makes v a value of n things of so many Ts each, in zeroed memory of C.
func allocate[T any](v *C.task_value, kind C.uint32_t, n, each int) []T {
	var t T
	memory := C.calloc(C.size_t(n*each+1), C.size_t(unsafe.Sizeof(t)))
	v.kind, v.n, *payload(v) = kind, C.uint64_t(n), uint64(uintptr(memory))
	return unsafe.Slice((*T)(memory), n*each)
}

//export releaseOutput
func releaseOutput(v *C.task_value) {
	n := v.n
	switch v.kind {
	case C.TASK_STRING, C.TASK_BYTES:
		n = 0
	case C.TASK_LIST:
	case C.TASK_MAP:
		n *= 2
	default:
		return
	}
	items := unsafe.Slice(pointer[C.task_value](v), n)
	for i := range items {
		releaseOutput(&items[i])
	}
	C.free(unsafe.Pointer(pointer[byte](v)))
	*v = C.task_value{}
}
