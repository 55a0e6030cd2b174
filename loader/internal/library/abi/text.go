package abi

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

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

// page is a piece of memory that is there as a whole or not at all.
const page = 4 << 10

// readText returns what stands before a text's terminating zero, cut at most bytes;
// "" at null. It reads a page at a time.
func readText(m Memory, address, most uint64) (string, error) {
	var text []byte
	for address != 0 && most > 0 {
		n := min(most, page-address%page)
		piece, ok := m.View(address, n)
		if !ok {
			return "", errOutside
		}
		piece, _, ended := bytes.Cut(piece, []byte{0})
		if text = append(text, piece...); ended {
			break
		}
		address, most = address+n, most-n
	}
	return string(text), nil
}

// readDoc returns text for people of any number of lines.
func readDoc(m Memory, address uint64) (string, error) {
	text, err := readText(m, address, MaxDoc)
	return printable(text, true), err
}

// readLine returns text for people of one line.
func readLine(m Memory, address, most uint64) (string, error) {
	text, err := readText(m, address, most)
	return printable(text, false), err
}

// printable replaces what would do something else to a terminal than show.
func printable(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || lines && (r == '\n' || r == '\t') {
			return r
		}
		return utf8.RuneError
	}, clean(text))
}

func clean(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// Fraction returns how far a task says it is, from 0 to 1 whatever it says.
func Fraction(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, 0), 1)
}
