package contracttest

import (
	"bytes"
	"math"

	"github.com/taskscheduler/taskscheduler/task"
)

// Equal reports whether a and b are of the same kind and hold the same. A float
// equals another with the same bits, so that a NaN equals itself and 0 not -0.
func Equal(a, b task.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case task.KindBool:
		return same(a, b, task.Value.Bool)
	case task.KindInt32, task.KindInt64:
		return same(a, b, task.Value.Int64)
	case task.KindUint32, task.KindUint64:
		return same(a, b, task.Value.Uint64)
	case task.KindFloat:
		x, _ := a.Float()
		y, _ := b.Float()
		return math.Float32bits(x) == math.Float32bits(y)
	case task.KindDouble:
		x, _ := a.Double()
		y, _ := b.Double()
		return math.Float64bits(x) == math.Float64bits(y)
	case task.KindString:
		return same(a, b, task.Value.Str)
	case task.KindBytes:
		x, _ := a.Bytes()
		y, _ := b.Bytes()
		return bytes.Equal(x, y)
	case task.KindList:
		return equalLists(a, b)
	case task.KindMap:
		return equalMaps(a, b)
	default:
		return true
	}
}

func same[T comparable](a, b task.Value, get func(task.Value) (T, bool)) bool {
	x, _ := get(a)
	y, _ := get(b)
	return x == y
}

func equalLists(a, b task.Value) bool {
	x, _ := a.List()
	y, _ := b.List()
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !Equal(x[i], y[i]) {
			return false
		}
	}
	return true
}

func equalMaps(a, b task.Value) bool {
	x, _ := a.Map()
	y, _ := b.Map()
	if len(x) != len(y) {
		return false
	}
	for key, v := range x {
		w, ok := y[key]
		if !ok || !Equal(v, w) {
			return false
		}
	}
	return true
}
