package shape_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/shape"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// values are of every kind, nested in every way.
func values() []task.Value {
	scalars := []task.Value{
		task.Bool(true), task.Bool(false), task.Int32(math.MinInt32), task.Int64(math.MinInt64), task.Int64(5),
		task.Uint32(math.MaxUint32), task.Uint64(math.MaxUint64), task.Float(0.1), task.Float(float32(math.Inf(-1))),
		task.Double(1e300), task.Double(math.Copysign(0, -1)), task.Double(math.NaN()), task.Double(5),
		task.String(""), task.String("grüße \"\\\n\x01\u2028"), task.Bytes([]byte("raw")), task.Bytes(nil),
	}
	nested := task.Int32(1)
	for range task.MaxDepth {
		nested = task.ListOf(nested)
	}
	fields := map[string]task.Value{"": task.Int32(1), "a\"b": task.ListOf(scalars...), "z": task.MapOf(nil)}
	return append(scalars, task.ListOf(), task.MapOf(nil), task.ListOf(scalars...), task.MapOf(fields), nested,
		task.ListOf(task.MapOf(fields), task.MapOf(fields), task.MapOf(nil)), task.ListOf(task.Bytes([]byte{0, 255})),
		task.ListOf(make([]task.Value, 0)...), task.ListOf(task.ListOf(), task.ListOf(task.Int32(1)), task.ListOf(task.Int32(2))))
}

func same(t *testing.T, a, b task.Value) bool {
	t.Helper()
	urlA, bytesA, errA := wire.Encode(a)
	urlB, bytesB, errB := wire.Encode(b)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return urlA == urlB && bytes.Equal(bytesA, bytesB)
}

func text(t *testing.T, v task.Value) string {
	t.Helper()
	text, err := v.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	for _, v := range values() {
		s := shape.Of(v)
		got, ok := shape.Value(text(t, v), s)
		if !ok || !same(t, got, v) {
			t.Errorf("%s of shape %x: %v, %t", v, s, got, ok)
		}
	}
}

func TestListsOfTheSameAreShort(t *testing.T) {
	point := task.MapOf(map[string]task.Value{"x": task.Int32(1), "y": task.Int32(2), "name": task.String("p")})
	points := make([]task.Value, 1000)
	for i := range points {
		points[i] = point
	}
	v := task.ListOf(points...)
	if s := shape.Of(v); len(s) > 12 {
		t.Errorf("a list of 1,000 equal maps has a shape of %d bytes: %x", len(s), s)
	}
	if n := shape.Parts(shape.Of(v)); n != 1+1000*4 {
		t.Errorf("it is made of %d values, want 4001", n)
	}
}

// TestNulls: the contract has no type for it.
func TestNulls(t *testing.T) {
	for _, v := range []task.Value{task.Null(), task.ListOf(task.Int32(1), task.Null())} {
		if got, ok := shape.Value(text(t, v), shape.Of(v)); ok {
			t.Errorf("%s: %v", v, got)
		}
	}
	v := task.MapOf(map[string]task.Value{"a": task.Null(), "b": task.Int32(1)})
	got, ok := shape.Value(text(t, v), shape.Of(v))
	if want := task.MapOf(map[string]task.Value{"b": task.Int32(1)}); !ok || !same(t, got, want) {
		t.Errorf("%v, %t; want it without a", got, ok)
	}
}

func TestWhatDoesNotBelongTogether(t *testing.T) {
	list := shape.Of(task.ListOf(task.Int32(1), task.Int32(1)))
	for _, c := range []struct{ text, shape string }{
		{"5", ""},
		{"x", "\x02"},
		{"5", "\x02\x02"},
		{"5", "\x63"},
		{"yes", "\x01"},
		{"5000000000", "\x02"},
		{"-1", "\x05"},
		{"[1]", list},
		{"[1,2,3]", list},
		{`["1","2"]`, list},
		{"{}", list},
		{"[1,2", list},
		{"[1,2]", list[:2]},
		{"[1,2]", list + "\x00"},
		{`["!"]`, shape.Of(task.ListOf(task.Bytes(nil)))},
		{"[true]", shape.Of(task.ListOf(task.String("")))},
	} {
		if v, ok := shape.Value(c.text, c.shape); ok {
			t.Errorf("%s of shape %x is %v", c.text, c.shape, v)
		}
	}
}

// FuzzValue: whatever a store has kept, nothing crashes, and what comes of it is
// no larger than the text.
func FuzzValue(f *testing.F) {
	for _, v := range values() {
		if text, err := v.Text(); err == nil {
			f.Add(text, shape.Of(v))
		}
	}
	f.Add("[[],[]]", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x0a\x00\x00")
	f.Add(strings.Repeat("[", 200), strings.Repeat("\x0a\x01", 200))
	f.Fuzz(func(t *testing.T, given, s string) {
		shape.Parts(s)
		v, ok := shape.Value(given, s)
		if !ok {
			return
		}
		if b, _ := v.Bytes(); !utf8.Valid(b) {
			return // it has no text
		}
		again, ok := shape.Value(text(t, v), shape.Of(v))
		if !ok || !same(t, v, again) {
			t.Errorf("%q of shape %x is %v, and that is %v", given, s, v, again)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	items := make([]task.Value, 100)
	for i := range items {
		items[i] = task.MapOf(map[string]task.Value{"id": task.Int32(int32(i)), "name": task.String(fmt.Sprint(i))})
	}
	for name, v := range map[string]task.Value{"number": task.Int32(5), "list of 100 maps": task.ListOf(items...)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				shape.Of(v)
			}
		})
		b.Run(name+"/text", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = v.Text()
			}
		})
	}
}
