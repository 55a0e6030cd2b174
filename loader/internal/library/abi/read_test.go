package abi

import (
	"math"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestValuesSurviveMemory(t *testing.T) {
	for _, v := range []task.Value{
		task.Null(), task.Bool(true), task.Int32(-1), task.Int64(math.MinInt64), task.Uint32(math.MaxUint32),
		task.Uint64(math.MaxUint64), task.Float(0.1), task.Double(math.Inf(1)), task.String(""), task.String("nine byte"),
		task.Bytes([]byte{0xff}), task.ListOf(), task.ListOf(task.String("a"), task.ListOf(task.Null())),
		task.MapOf(map[string]task.Value{"": task.Int32(1), "key": task.MapOf(map[string]task.Value{"in": task.String("x")})}),
	} {
		roundTrip(t, v)
	}
}

func TestReadRefuses(t *testing.T) {
	const at = 1000
	deep := make([]byte, 0, 200*ValueSize)
	for i := range uint64(200) {
		deep = append(deep, cell(task.KindList, at+(i+1)*ValueSize, 1)...)
	}
	key := cell(task.KindString, at+5*ValueSize, 3)
	tests := []struct {
		name   string
		memory []byte
		want   string
	}{
		{"nothing", nil, "it points to memory that the plugin does not have"},
		{"half a value", make([]byte, 23), "it points to memory that the plugin does not have"},
		{"a kind", cell(12, 0, 0), "kind 12, which the ABI does not have"},
		{"a bool", cell(task.KindBool, 2, 0), "2 is not a valid bool"},
		{"an int32", cell(task.KindInt32, 1<<31, 0), "2147483648 is not a valid int32"},
		{"a uint32", cell(task.KindUint32, math.MaxUint64, 0), "-1 is not a valid uint32"},
		{"a string's address", cell(task.KindString, 0, 1), "it points to memory that the plugin does not have"},
		{"a string's end", cell(task.KindString, at, 25), "it points to memory that the plugin does not have"},
		{"an end beyond all addresses", cell(task.KindBytes, math.MaxUint64, 3), "it points to memory that the plugin does not have"},
		{"UTF-8", join(cell(task.KindString, at+ValueSize, 1), []byte{0xff}), "a string that is not UTF-8"},
		{"size", cell(task.KindBytes, at, MaxOutput), "it takes more than 67108864 bytes"},
		{"a count times 24", cell(task.KindList, at, math.MaxUint64/ValueSize+2), "it takes more than 67108864 bytes"},
		{"a count times 48", cell(task.KindMap, at, math.MaxUint64/2/ValueSize+2), "it takes more than 67108864 bytes"},
		{"itself inside", cell(task.KindList, at, 1), "more than 100 lists and maps inside each other"},
		{"nesting", deep, "more than 100 lists and maps inside each other"},
		{"a number as key", cell(task.KindMap, at, 1), "it points to memory that the plugin does not have"},
		{
			"a list as key",
			join(cell(task.KindMap, at+ValueSize, 1), cell(task.KindList, 0, 0), cell(task.KindNull, 0, 0)),
			"key 1: kind 10, want a string",
		},
		{
			"a key twice",
			join(cell(task.KindMap, at+ValueSize, 2), key, cell(task.KindNull, 0, 0), key, cell(task.KindNull, 0, 0), []byte("abc")),
			`key "abc" is there twice`,
		},
		{
			"where it is",
			join(cell(task.KindList, at+ValueSize, 2), cell(task.KindNull, 0, 0),
				cell(task.KindMap, at+3*ValueSize, 1), key, cell(44, 0, 0), []byte("abc")),
			`item 2: key "abc": kind 44, which the ABI does not have`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(fake{base: at, bytes: test.memory}, at)
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// TestReadEnds reads a list that holds itself twice, whose items no memory could
// hold: it ends as soon as they take too much.
func TestReadEnds(t *testing.T) {
	const at = 1000
	m := fake{base: at, bytes: join(cell(task.KindList, at, 2), cell(task.KindList, at, 2))}
	if _, err := read(m, at, 1<<20); err == nil {
		t.Error("an endless value was read")
	}
}

func TestOutcome(t *testing.T) {
	const at = 1000
	m := fake{base: at, bytes: join(cell(task.KindString, at+ValueSize, 4), []byte("why\xff"))}
	for status, want := range map[int32]struct {
		status  library.Status
		message string
	}{
		0:   {library.Failed, "the task's output is invalid: a string that is not UTF-8"},
		1:   {library.Failed, "why\uFFFD"},
		2:   {library.Retry, "why\uFFFD"},
		3:   {library.Cancelled, ""},
		4:   {library.BadArguments, "why\uFFFD"},
		5:   {library.Failed, "the task returned status 5, which the ABI does not have"},
		100: {library.Failed, "the task returned status 100, which the ABI does not have"},
	} {
		got, v := Outcome(m, status, at)
		if message, _ := v.Str(); got != want.status || message != want.message {
			t.Errorf("status %d: got %d, %q, want %d, %q", status, got, message, want.status, want.message)
		}
	}
	if status, v := Outcome(m, 0, 0); status != library.OK || v.Kind() != task.KindNull {
		t.Errorf("without an output: got %d, %s", status, v.Kind())
	}
}

func TestTextIsCutAndCleaned(t *testing.T) {
	m := fake{base: 8, bytes: []byte(strings.Repeat("x", MaxText) + "tail")}
	if got := Text(m, 8, uint64(len(m.bytes))); got != strings.Repeat("x", MaxText) {
		t.Errorf("got %d bytes", len(got))
	}
	if got := Text(m, 8, math.MaxUint64); got != strings.Repeat("x", MaxText) {
		t.Errorf("got %d bytes of more than there are", len(got))
	}
	if got := Text(m, 4, 10); got != "" {
		t.Errorf("got %q from outside", got)
	}
}

func TestFraction(t *testing.T) {
	for from, want := range map[float64]float64{-1: 0, 0: 0, 0.5: 0.5, 2: 1, math.Inf(1): 1} {
		if got := Fraction(from); got != want {
			t.Errorf("%v: got %v, want %v", from, got, want)
		}
	}
	if got := Fraction(math.NaN()); got != 0 {
		t.Errorf("NaN: got %v", got)
	}
}

// FuzzRead reads whatever a plugin may have written. What it takes for a value
// must be one: put into memory, it is read as the same.
func FuzzRead(f *testing.F) {
	const at = 4096
	f.Add(cell(task.KindList, at, 2), uint64(at))
	f.Add(join(cell(task.KindMap, at+ValueSize, 1), cell(task.KindString, at, 3), cell(task.KindDouble, 1, 0)), uint64(at))
	f.Add(join(cell(task.KindString, at+ValueSize, 2), []byte("hi")), uint64(at))
	f.Add(cell(task.KindBytes, math.MaxUint64-3, 8), uint64(at))
	f.Add(cell(task.KindList, at, math.MaxUint64/ValueSize+2), uint64(at))
	f.Add([]byte{}, uint64(0))
	f.Fuzz(func(t *testing.T, memory []byte, address uint64) {
		m := fake{base: at, bytes: memory}
		if v, err := read(m, address, 1<<16); err == nil {
			roundTrip(t, v)
		}
		message(m, address)
	})
}
