package task_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/task"
)

type (
	octet byte
	node  struct{ Left, Right *node }
)

func TestValueOf(t *testing.T) {
	number, none := int32(7), (*int32)(nil)
	pair := task.ListOf(task.Int32(1), task.Int32(2))
	tests := map[string]struct {
		in   any
		want task.Value
	}{
		"nil":              {nil, task.Null()},
		"a value":          {task.Uint32(1), task.Uint32(1)},
		"bool":             {true, task.Bool(true)},
		"string":           {"a", task.String("a")},
		"a named string":   {text("a"), task.String("a")},
		"bytes":            {[]byte("a"), task.Bytes([]byte("a"))},
		"named bytes":      {[]octet("a"), task.Bytes([]byte("a"))},
		"an array of them": {[2]byte{1, 2}, task.Bytes([]byte{1, 2})},
		"int":              {-1, task.Int32(-1)},
		"a large int":      {math.MaxInt32 + 1, task.Int64(math.MaxInt32 + 1)},
		"a small uint":     {uint(1), task.Int32(1)},
		"a large uint":     {uint(math.MaxInt64), task.Int64(math.MaxInt64)},
		"the largest uint": {uint(math.MaxUint64), task.Uint64(math.MaxUint64)},
		"int8":             {int8(-1), task.Int32(-1)},
		"int32":            {int32(1), task.Int32(1)},
		"int64":            {int64(1), task.Int64(1)},
		"uint16":           {uint16(1), task.Uint32(1)},
		"uint32":           {uint32(1), task.Uint32(1)},
		"uint64":           {uint64(1), task.Uint64(1)},
		"float32":          {float32(0.1), task.Float(0.1)},
		"float64":          {0.1, task.Double(0.1)},
		"a pointer":        {&number, task.Int32(7)},
		"a nil pointer":    {none, task.Null()},
		"a list":           {[]int{1, 2}, pair},
		"an array":         {[2]int{1, 2}, pair},
		"a list of values": {[]task.Value{task.Int32(1), task.Int32(2)}, pair},
		"a List":           {task.List{task.Int32(1), task.Int32(2)}, pair},
		"anything":         {[]any{1, int8(2)}, pair},
		"a nil list":       {[]string(nil), task.ListOf()},
		"a map":            {map[text]int{"k": 1}, task.MapOf(map[string]task.Value{"k": task.Int32(1)})},
		"a map of values":  {map[string]task.Value{"k": pair}, task.MapOf(map[string]task.Value{"k": pair})},
		"a Map":            {task.Map{"k": pair}, task.MapOf(map[string]task.Value{"k": pair})},
		"a nil map":        {map[string]int(nil), task.MapOf(nil)},
		"a struct":         {item{"pen", 1}, task.MapOf(map[string]task.Value{"name": task.String("pen"), "price": task.Double(1)})},
		"a list of them":   {[]*item{{Name: "pen"}, nil}, task.ListOf(task.MapOf(map[string]task.Value{"name": task.String("pen"), "price": task.Double(0)}), task.Null())},
		"null fields":      {node{Left: &node{}}, task.MapOf(map[string]task.Value{"left": task.MapOf(nil)})},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := task.ValueOf(test.in)
			if err != nil || !contracttest.Equal(got, test.want) {
				t.Errorf("%s %v, %v, want %s %v", got.Kind(), got, err, test.want.Kind(), test.want)
			}
		})
	}
}

func TestValueOfRefuses(t *testing.T) {
	loop := &node{}
	loop.Left, loop.Right = loop, loop
	var endless any
	endless = &endless
	tests := map[string]struct {
		in   any
		want string
	}{
		"a channel":            {make(chan int), "chan int is not a type of the contract"},
		"a complex number":     {1i, "complex128 is not a type of the contract"},
		"an error":             {errors.New("a"), "has no exported fields"},
		"a duration":           {time.Second, "write d.Milliseconds() or d.String(), whichever the task takes"},
		"a time":               {time.Time{}, "write t.UnixMilli() or t.Format(time.RFC3339Nano), whichever the task takes"},
		"a map by numbers":     {map[int]int{}, "a map's keys are strings"},
		"behind an any":        {[]any{1, make(chan int)}, "item 2: chan int is not a type of the contract"},
		"a map behind an any":  {[]any{map[int]int{}}, "item 1: map[int]int: a map's keys are strings"},
		"a time behind an any": {map[string]any{"at": time.Time{}}, `key "at": time.Time is not a type of the contract: write t.UnixMilli() or t.Format(time.RFC3339Nano), whichever the task takes`},
		"itself":               {loop, "nests too deep, or contains itself"},
		"itself as an any":     {endless, "nests too deep, or contains itself"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := task.ValueOf(test.in)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) || got.Kind() != task.KindNull {
				t.Errorf("%v, %v, want %s", got, err, test.want)
			}
		})
	}
}
