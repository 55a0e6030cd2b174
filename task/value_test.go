package task_test

import (
	"math"
	"testing"
	"unsafe"

	"github.com/taskscheduler/taskscheduler/task"
)

// everyKind holds a value of each kind.
var everyKind = []task.Value{
	task.Null(),
	task.Bool(true),
	task.Int32(-1),
	task.Int64(-1),
	task.Uint32(1),
	task.Uint64(1),
	task.Float(1.5),
	task.Double(1.5),
	task.String("s"),
	task.Bytes([]byte("b")),
	task.ListOf(task.Int32(1)),
	task.MapOf(map[string]task.Value{"k": task.Int32(1)}),
}

func TestKindNames(t *testing.T) {
	want := []string{
		"null", "bool", "int32", "int64", "uint32", "uint64",
		"float", "double", "string", "bytes", "list", "map",
	}
	for i, v := range everyKind {
		if v.Kind().String() != want[i] {
			t.Errorf("kind %d is %s, want %s", i, v.Kind(), want[i])
		}
	}
	if got := task.Kind(200).String(); got != "invalid" {
		t.Errorf("an unknown kind is %s", got)
	}
}

// accessor asks a value for one Go type.
type accessor struct {
	get   func(task.Value) (any, bool)
	kinds []task.Kind // that have it
	zero  any         // what all others give
}

func of[T any](get func(task.Value) (T, bool), kinds ...task.Kind) accessor {
	var zero T
	return accessor{func(v task.Value) (any, bool) { return get(v) }, kinds, zero}
}

// Each accessor answers for its own kind and for those that widen to it, and
// with the zero value for every other.
func TestAccessors(t *testing.T) {
	scalars := map[string]accessor{
		"Bool":   of(task.Value.Bool, task.KindBool),
		"Int32":  of(task.Value.Int32, task.KindInt32),
		"Int64":  of(task.Value.Int64, task.KindInt64, task.KindInt32, task.KindUint32),
		"Uint32": of(task.Value.Uint32, task.KindUint32),
		"Uint64": of(task.Value.Uint64, task.KindUint64, task.KindUint32),
		"Float":  of(task.Value.Float, task.KindFloat),
		"Double": of(task.Value.Double, task.KindDouble, task.KindFloat, task.KindInt32, task.KindUint32),
		"Str":    of(task.Value.Str, task.KindString),
	}
	for name, a := range scalars {
		has := make(map[task.Kind]bool)
		for _, kind := range a.kinds {
			has[kind] = true
		}
		for _, v := range everyKind {
			got, ok := a.get(v)
			if ok != has[v.Kind()] || !ok && got != a.zero || ok && got == a.zero {
				t.Errorf("%s of a %s: %v, %v", name, v.Kind(), got, ok)
			}
		}
	}
	for _, v := range everyKind {
		b, isBytes := v.Bytes()
		list, isList := v.List()
		fields, isMap := v.Map()
		if isBytes != (v.Kind() == task.KindBytes) || isBytes != (len(b) == 1) {
			t.Errorf("Bytes of a %s: %v, %v", v.Kind(), b, isBytes)
		}
		if isList != (v.Kind() == task.KindList) || isList != (len(list) == 1) {
			t.Errorf("List of a %s: %v, %v", v.Kind(), list, isList)
		}
		if isMap != (v.Kind() == task.KindMap) || isMap != (len(fields) == 1) {
			t.Errorf("Map of a %s: %v, %v", v.Kind(), fields, isMap)
		}
	}
}

func TestWideningKeepsTheNumber(t *testing.T) {
	if i, _ := task.Int32(math.MinInt32).Int64(); i != math.MinInt32 {
		t.Error("int32 to int64:", i)
	}
	if i, _ := task.Uint32(math.MaxUint32).Int64(); i != math.MaxUint32 {
		t.Error("uint32 to int64:", i)
	}
	if u, _ := task.Uint32(math.MaxUint32).Uint64(); u != math.MaxUint32 {
		t.Error("uint32 to uint64:", u)
	}
	if f, _ := task.Int32(math.MinInt32).Double(); f != math.MinInt32 {
		t.Error("int32 to double:", f)
	}
	if f, _ := task.Float(0.1).Double(); f != float64(float32(0.1)) {
		t.Error("float to double:", f)
	}
	if u, _ := task.Uint64(math.MaxUint64).Uint64(); u != math.MaxUint64 {
		t.Error("uint64:", u)
	}
}

func TestEmptyValues(t *testing.T) {
	if s, ok := task.String("").Str(); s != "" || !ok {
		t.Errorf("empty string: %q, %v", s, ok)
	}
	if b, ok := task.Bytes(nil).Bytes(); len(b) != 0 || !ok {
		t.Errorf("nil bytes: %v, %v", b, ok)
	}
	if items, ok := task.ListOf().List(); len(items) != 0 || !ok {
		t.Errorf("empty list: %v, %v", items, ok)
	}
	if fields, ok := task.MapOf(nil).Map(); len(fields) != 0 || !ok {
		t.Errorf("nil map: %v, %v", fields, ok)
	}
	var zero task.Value
	if zero.Kind() != task.KindNull {
		t.Errorf("the zero Value is %s", zero.Kind())
	}
}

// A list's spare capacity is not handed out: appending to it must not write
// into what someone else holds.
func TestListHasNoSpareCapacity(t *testing.T) {
	items, _ := task.ListOf(make([]task.Value, 1, 8)...).List()
	if cap(items) != 1 {
		t.Errorf("capacity %d", cap(items))
	}
}

func TestValueIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(task.Value{}); size > 24 {
		t.Errorf("a Value takes %d bytes", size)
	}
	var v task.Value
	allocations := testing.AllocsPerRun(100, func() {
		v = task.Int64(1 << 40)
		v = task.Double(0.1)
		v = task.String("text")
	})
	if allocations != 0 {
		t.Errorf("%v allocations, last %v", allocations, v)
	}
}
