package abi

import (
	"fmt"
	"math"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// Failuref returns a failure with a message, as a task's outcome.
func Failuref(format string, args ...any) (library.Status, task.Value) {
	return library.Failed, task.String(clean(fmt.Sprintf(format, args...)))
}

// Text returns a copy of n bytes of text that a plugin wrote for people to
// read: cut at [MaxText] bytes, valid UTF-8, and empty where there is no such
// memory.
func Text(m Memory, address, n uint64) string {
	text, _ := m.View(address, min(n, MaxText))
	return clean(string(text))
}

// message returns the string that a failed task left in its output, or null. It
// is for people: bytes that are not UTF-8 must not hide what it says.
func message(m Memory, output uint64) task.Value {
	v, ok := m.View(output, ValueSize)
	if !ok || task.Kind(order.Uint32(v)) != task.KindString {
		return task.Null()
	}
	return task.String(Text(m, order.Uint64(v[8:]), order.Uint64(v[16:])))
}

func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// Fraction returns how far a task says it is, from 0 to 1 whatever it says.
func Fraction(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, 0), 1)
}
