package loadertest

import (
	"fmt"
	"math"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// values are what goes through a plugin and has to come back as it was.
func values() map[string]task.Value {
	return map[string]task.Value{
		"null":              task.Null(),
		"true":              task.Bool(true),
		"false":             task.Bool(false),
		"int32 smallest":    task.Int32(math.MinInt32),
		"int32 largest":     task.Int32(math.MaxInt32),
		"int64 smallest":    task.Int64(math.MinInt64),
		"int64 largest":     task.Int64(math.MaxInt64),
		"uint32 largest":    task.Uint32(math.MaxUint32),
		"uint64 largest":    task.Uint64(math.MaxUint64),
		"float":             task.Float(0.1),
		"float infinite":    task.Float(float32(math.Inf(-1))),
		"double":            task.Double(math.SmallestNonzeroFloat64),
		"double none":       task.Double(math.NaN()),
		"string":            task.String("text"),
		"string empty":      task.String(""),
		"string of unicode": task.String("naïve 日本語 🦀 \x00 e\u0301"),
		"string of 1 MB":    task.String(strings.Repeat("0123456789abcdef", 1<<16)),
		"bytes":             task.Bytes([]byte{0, 255, 0xc3, 0x28}),
		"bytes empty":       task.Bytes([]byte{}),
		"list":              task.ListOf(task.Int32(1), task.String("two"), task.Null()),
		"list empty":        task.ListOf(),
		"list long":         longList(10_000),
		"map":               task.MapOf(map[string]task.Value{"a": task.Int64(1), "ключ": task.Bool(true), "": task.Null()}),
		"map empty":         task.MapOf(map[string]task.Value{}),
		"nested":            nested(20),
		"nested deepest":    nested(task.MaxDepth / 2), // a map and a list a level
	}
}

func longList(n int) task.Value {
	items := make([]task.Value, n)
	for i := range items {
		items[i] = task.String(fmt.Sprint("item ", i))
	}
	return task.ListOf(items...)
}

// nested returns maps that hold lists that hold maps, 2 levels each.
func nested(levels int) task.Value {
	v := task.Double(1.5)
	for range levels {
		v = task.MapOf(map[string]task.Value{"in": task.ListOf(v, task.Bytes([]byte{1}))})
	}
	return v
}

// show returns a value for a message, cut where it is long.
func show(v task.Value) string {
	if b, ok := v.Bytes(); ok {
		return fmt.Sprintf("bytes %.40q", b)
	}
	text, err := v.Text()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %.200q", v.Kind(), text)
}
