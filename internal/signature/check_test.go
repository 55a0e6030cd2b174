package signature_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/task"
)

type (
	values = []task.Value
	fields = map[string]task.Value
)

func TestCheck(t *testing.T) {
	one := task.Int32(1)
	for _, test := range []struct {
		signature string
		args      values
		want      values
	}{
		{"() -> null", nil, nil},
		{"(int64...) -> int64", nil, nil},
		{"(int64...) -> int64", values{one, task.Double(2)}, values{task.Int64(1), task.Int64(2)}},
		{"(any, any?) -> any", values{one}, values{one}},
		{"(any, double?) -> any", values{one, one}, values{one, task.Double(1)}},
		{"(string, bytes, bool, null)->any", values{task.String("a"), task.Bytes(nil), task.Bool(true), task.Null()}, values{task.String("a"), task.Bytes(nil), task.Bool(true), task.Null()}},
		{"(list, map) -> any", values{task.ListOf(one), task.MapOf(fields{"a": one})}, values{task.ListOf(one), task.MapOf(fields{"a": one})}},
		{"(list<any>, map<any>) -> any", values{task.ListOf(one), task.MapOf(fields{"a": one})}, values{task.ListOf(one), task.MapOf(fields{"a": one})}},
		{"(list<uint64>) -> any", values{task.ListOf(task.Uint64(7), one, task.Uint64(8))}, values{task.ListOf(task.Uint64(7), task.Uint64(1), task.Uint64(8))}},
		{"(map<float>) -> any", values{task.MapOf(fields{"a": one, "b": task.Float(2)})}, values{task.MapOf(fields{"a": task.Float(1), "b": task.Float(2)})}},
		{
			"({a: int32, b: list<{c: double?}>?}) -> any",
			values{task.MapOf(fields{"a": task.Uint64(1), "b": task.ListOf(task.MapOf(nil), task.MapOf(fields{"c": one}))})},
			values{task.MapOf(fields{"a": one, "b": task.ListOf(task.MapOf(nil), task.MapOf(fields{"c": task.Double(1)}))})},
		},
		{"({a: int32?}) -> any", values{task.MapOf(nil)}, values{task.MapOf(nil)}},
	} {
		before := task.ListOf(test.args...).String()
		got, err := parse(t, test.signature).Check("test", test.args)
		if err != nil || !contracttest.Equal(task.ListOf(got...), task.ListOf(test.want...)) {
			t.Errorf("%s: got %v, %v, want %v", test.signature, got, err, test.want)
		}
		if after := task.ListOf(test.args...).String(); after != before {
			t.Errorf("%s: the arguments became %s", test.signature, after)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	one, a := task.Int32(1), task.String("a")
	for _, test := range []struct {
		signature string
		args      values
		want      string
	}{
		{"(factors: int64...) -> int64", values{one, a}, "argument 2 is a string"},
		{"(int32) -> null", values{task.Null()}, "argument 1 is null"},
		{"(int32?) -> null", values{task.Null()}, "argument 1 is null"},
		{"(int32) -> null", values{task.Int64(1 << 40)}, "argument 1 is the int64 1099511627776, which an int32 can't hold"},
		{"(bytes) -> null", values{a}, "argument 1 is a string"},
		{"(list<string>) -> null", values{a}, "argument 1 is a string"},
		{"({}) -> null", values{task.ListOf()}, "argument 1 is a list"},
		{"() -> null", values{one}, "want 0 arguments, got 1"},
		{"(int32) -> null", nil, "want 1 argument, got 0"},
		{"(int32, any?) -> null", values{one, one, one}, "want 1 to 2 arguments, got 3"},
		{"(int32, any?, any...) -> null", nil, "want at least 1 argument, got 0"},
		{"(any, list<map<bool>>) -> null", values{one, task.ListOf(task.MapOf(nil), task.MapOf(fields{"k": one}))}, `argument 2: item 2: key "k" is an int32`},
		{"({k: bool}) -> null", values{task.MapOf(nil)}, `argument 1 has no key "k"`},
		{"(list<{k: bool}>) -> null", values{task.ListOf(task.MapOf(nil))}, `argument 1: item 1 has no key "k"`},
		{"({k: bool}) -> null", values{task.MapOf(fields{"k": one})}, `argument 1: key "k" is an int32`},
		{"({k: bool?}) -> null", values{task.MapOf(fields{"y": one, "x": one})}, `argument 1 has the key "x", which is not one of its fields`},
	} {
		got, err := parse(t, test.signature).Check("math::test", test.args)
		failure := task.ErrorOf(err)
		if got != nil || failure == nil || failure.Code != task.InvalidArgument || failure.Message != "math::test"+test.signature+": "+test.want {
			t.Errorf("got %v, want %s: %s", err, test.signature, test.want)
		}
	}
}

// FuzzCheck holds a value, made of bytes, against a signature. What comes of it
// fits, and stays as it is.
func FuzzCheck(f *testing.F) {
	f.Add("(list<{a: double?}>, int32...) -> null", []byte{10, 2, 11, 1, 2, 3, 4, 5})
	f.Add("(map<list<uint64>>) -> null", []byte{11, 10, 4})
	f.Fuzz(func(t *testing.T, text string, content []byte) {
		s, err := signature.Parse(text)
		if err != nil {
			return
		}
		var args values
		for len(content) > 0 && len(args) < 4 {
			var v task.Value
			v, content = build(content, 0)
			args = append(args, v)
		}
		got, err := s.Check("test", args)
		if err != nil {
			return
		}
		again, err := s.Check("test", got)
		if err != nil || len(again) != len(args) || !contracttest.Equal(task.ListOf(again...), task.ListOf(got...)) {
			t.Errorf("%s: %v became %v, then %v, %v", s, args, got, again, err)
		}
	})
}

// build makes a value of the first bytes, and returns the others.
func build(content []byte, depth int) (task.Value, []byte) {
	if len(content) == 0 || depth > 20 {
		return task.Null(), nil
	}
	kind, rest := task.Kind(content[0]%12), content[1:]
	number := task.Int32(int32(len(rest)))
	switch kind {
	case task.KindBool:
		return task.Bool(true), rest
	case task.KindString:
		return task.String("a"), rest
	case task.KindBytes:
		return task.Bytes(nil), rest
	case task.KindList:
		first, rest := build(rest, depth+1)
		return task.ListOf(first, number), rest
	case task.KindMap:
		first, rest := build(rest, depth+1)
		return task.MapOf(fields{"a": first, "b": number}), rest
	case task.KindNull:
		return task.Null(), rest
	default:
		v, _ := number.As(kind)
		return v, rest
	}
}

func BenchmarkCheck(b *testing.B) {
	s := parse(b, "(factors: int64...) -> int64")
	for name, args := range map[string]values{
		"fits":       {task.Int64(6), task.Int64(7)},
		"other kind": {task.Int32(6), task.Int32(7)},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Check("multiply", args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
