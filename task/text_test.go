package task_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

func TestText(t *testing.T) {
	tests := []struct {
		value task.Value
		want  string
	}{
		{task.Null(), ""},
		{task.Bool(true), "true"},
		{task.Bool(false), "false"},
		{task.Int32(math.MinInt32), "-2147483648"},
		{task.Int64(math.MaxInt64), "9223372036854775807"},
		{task.Uint32(math.MaxUint32), "4294967295"},
		{task.Uint64(math.MaxUint64), "18446744073709551615"},
		{task.Float(0.1), "0.1"},
		{task.Double(0.1), "0.1"},
		{task.Double(88), "88"},
		{task.Double(math.Copysign(0, -1)), "-0"},
		{task.Double(1e20), "100000000000000000000"},
		{task.Double(1e21), "1e+21"},
		{task.Double(1e-6), "0.000001"},
		{task.Double(1e-7), "1e-07"},
		{task.Double(math.NaN()), "NaN"},
		{task.Float(float32(math.Inf(1))), "Infinity"},
		{task.Double(math.Inf(-1)), "-Infinity"},
		{task.String("grüße\n\"<>&"), "grüße\n\"<>&"},
		{task.Bytes([]byte("abc")), "abc"},
		{task.ListOf(), "[]"},
		{task.MapOf(nil), "{}"},
		{
			task.ListOf(task.Null(), task.Bool(true), task.Int32(-1), task.Uint64(1), task.Float(1.5), task.String("a")),
			`[null,true,-1,1,1.5,"a"]`,
		},
		{task.ListOf(task.Double(math.NaN()), task.Float(float32(math.Inf(-1)))), `["NaN","-Infinity"]`},
		{task.ListOf(task.Bytes([]byte{0, 255})), `["AP8="]`},
		{task.ListOf(task.String("\"\\\n\x00<&>\u2028")), `["\"\\\n\u0000<&>` + "\u2028" + `"]`},
		{
			task.MapOf(map[string]task.Value{"b": task.Int32(2), "a": task.ListOf(task.Int32(1)), "": task.MapOf(nil)}),
			`{"":{},"a":[1],"b":2}`,
		},
	}
	for _, test := range tests {
		got, err := test.value.Text()
		if err != nil || got != test.want {
			t.Errorf("%s: %q, %v, want %q", test.value.Kind(), got, err, test.want)
		}
		if test.value.String() != test.want {
			t.Errorf("String says %q, Text %q", test.value, test.want)
		}
	}
}

func TestTextRefuses(t *testing.T) {
	tests := map[string]struct {
		value task.Value
		want  string
	}{
		"a string": {task.String("\xff"), "the result is not valid UTF-8"},
		"bytes":    {task.Bytes([]byte{255}), "the result is not valid UTF-8"},
		"an item":  {task.ListOf(task.String("\xff")), "the result is not valid UTF-8"},
		"a key":    {task.MapOf(map[string]task.Value{"\xff": task.Null()}), "the result is not valid UTF-8"},
		"lists":    {lists(task.MaxDepth+1, task.ListOf()), "the result nests more than 100 lists and maps"},
		"maps":     {lists(task.MaxDepth, task.MapOf(nil)), "the result nests more than 100 lists and maps"},
	}
	for name, test := range tests {
		if text, err := test.value.Text(); err == nil || err.Error() != test.want || text != "" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if got := test.value.String(); got != "("+test.want+")" {
			t.Errorf("%s: String says %q", name, got)
		}
	}
	if _, err := lists(task.MaxDepth, task.Int32(1)).Text(); err != nil {
		t.Errorf("%d lists: %v", task.MaxDepth, err)
	}
}

// lists returns inner inside depth lists; a list as inner counts as one.
func lists(depth int, inner task.Value) task.Value {
	if inner.Kind() == task.KindList {
		depth--
	}
	for range depth {
		inner = task.ListOf(inner)
	}
	return inner
}

// FuzzText checks that any string survives in a list's JSON, in a map's key,
// and on its own.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", `"\`, "\x00\x1f\x7f", "grüße", "\u2028<&>", "\xff", "a\xc3", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := task.ListOf(task.String(s), task.MapOf(map[string]task.Value{s: task.Null()})).Text()
		if valid := utf8.ValidString(s); valid != (err == nil) {
			t.Fatalf("%q: %v", s, err)
		} else if !valid {
			return
		}
		var back []any
		if err := json.Unmarshal([]byte(text), &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		fields, _ := back[1].(map[string]any)
		if _, ok := fields[s]; !ok || back[0] != s {
			t.Fatalf("%q came back as %v", s, back)
		}
		if alone, err := task.String(s).Text(); err != nil || alone != s {
			t.Fatalf("%q alone: %q, %v", s, alone, err)
		}
	})
}

// FuzzTextNumbers checks that a float's text reads back as the same float, on
// its own and as JSON.
func FuzzTextNumbers(f *testing.F) {
	for _, x := range []float64{0, 1, -1.5, 0.1, 1e21, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.NaN()} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		double, single := task.Double(x).String(), task.Float(float32(x)).String()
		if got, err := strconv.ParseFloat(double, 64); err != nil || got != x && !math.IsNaN(x) {
			t.Errorf("%v became %s: %v", x, double, err)
		}
		if got, err := strconv.ParseFloat(single, 32); (err != nil || float32(got) != float32(x)) && !math.IsNaN(x) {
			t.Errorf("%v became %s: %v", float32(x), single, err)
		}
		list := task.ListOf(task.Double(x), task.Float(float32(x))).String()
		if !json.Valid([]byte(list)) || !strings.Contains(list, double) {
			t.Errorf("%s is no JSON", list)
		}
	})
}
