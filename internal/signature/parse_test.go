package signature_test

import (
	"strings"
	"testing"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/task"
)

func parse(t testing.TB, text string) *signature.Signature {
	t.Helper()
	s, err := signature.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

func TestParse(t *testing.T) {
	deepest := strings.Repeat("list<", signature.MaxLevels) + "int32" + strings.Repeat(">", signature.MaxLevels)
	for _, test := range []struct{ text, want string }{
		{"()->null", "() -> null"},
		{"(factors: int64...) -> int64", "(factors: int64...) -> int64"},
		{"(value: any, milliseconds: int32) -> any", "(value: any, milliseconds: int32) -> any"},
		{
			"(numbers: list<double>, options: {verbose: bool?, tags: list<string>}) -> map<double>",
			"(numbers: list<double>, options: {verbose: bool?, tags: list<string>}) -> map<double>",
		},
		{"\t( int32 ,\r\nint64?,b :bytes... )  ->list < map< any > >  ", "(int32, int64?, b: bytes...) -> list<map<any>>"},
		{"({})->{}", "({}) -> {}"},
		{"({list:list,any:any?}, map)->list", "({list: list, any: any?}, map) -> list"},
		{"(int32: uint32, _: uint64, _9Z: float, null)->string", "(int32: uint32, _: uint64, _9Z: float, null) -> string"},
		{"(" + deepest + ", {a: {b: {}}}) -> null", "(" + deepest + ", {a: {b: {}}}) -> null"},
	} {
		if got := parse(t, test.text).String(); got != test.want {
			t.Errorf("%q: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("map<", signature.MaxLevels) + "{}" + strings.Repeat(">", signature.MaxLevels)
	for _, test := range []struct{ text, want string }{
		{"", `byte 1: want "(", but it ends`},
		{"int32", `byte 1: want "(", not "i"`},
		{"(", "byte 2: want a type, but it ends"},
		{"(int32", `byte 7: want "," or ")", but it ends`},
		{"(int32)", `byte 8: want "->", but it ends`},
		{"(int32) - > null", `byte 9: want "->", not "-"`},
		{"() ->", "byte 6: want a type, but it ends"},
		{"() -> null any", `byte 12: want the end, not "a"`},
		{"() -> null?", `byte 11: want the end, not "?"`},
		{"(int) -> null", `byte 2: "int" is not a type`},
		{"(a: Int32) -> null", `byte 5: "Int32" is not a type`},
		{"(a int32) -> null", `byte 2: "a" is not a type`},
		{"(2a: int32) -> null", `byte 2: want a type, not "2"`},
		{"(: int32) -> null", `byte 2: want a type, not ":"`},
		{"(größe: int32) -> null", `byte 2: "gr" is not a type`},
		{"(list<ü>) -> null", `byte 7: want a type, not "ü"`},
		{"(\xff) -> null", `byte 2: want a type, not "\xff"`},
		{"(int32,) -> null", `byte 8: want a type, not ")"`},
		{"(int32 int32) -> null", `byte 8: want "," or ")", not "i"`},
		{"(int32?...) -> null", `byte 8: want "," or ")", not "."`},
		{"(int32..) -> null", `byte 7: want "," or ")", not "."`},
		{"(int32..., int32) -> null", `byte 12: a parameter behind one with "..."`},
		{"(int32..., int32...) -> null", `byte 12: a parameter behind one with "..."`},
		{"(a: int32?, b: int32) -> null", "byte 13: a parameter that must be there, behind one that may be left out"},
		{"(a: int32, a: int32) -> null", "byte 12: two parameters are called a"},
		{"(list<>) -> null", `byte 7: want a type, not ">"`},
		{"(list<int32) -> null", `byte 12: want ">", not ")"`},
		{"(int32<int32>) -> null", `byte 7: want "," or ")", not "<"`},
		{"(list<int32?>) -> null", `byte 12: want ">", not "?"`},
		{"({a}) -> null", `byte 4: want ":", not "}"`},
		{"({a: int32,}) -> null", `byte 12: want a field's name, not "}"`},
		{"({a: int32 b: int32}) -> null", `byte 12: want "," or "}", not "b"`},
		{"({a: int32, a: bool}) -> null", "byte 13: two fields are called a"},
		{"({a: int32...}) -> null", `byte 11: want "," or "}", not "."`},
		{"(" + deep + ") -> null", "byte 66: more than 16 lists and maps inside each other"},
		{"() -> null" + strings.Repeat(" ", signature.MaxBytes), "byte 4097: a signature has at most 4096 bytes, this one 4106"},
	} {
		if s, err := signature.Parse(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, %v, want %s", test.text, s, err, test.want)
		}
	}
}

// This package reads the signatures that package task writes for Go functions.
func TestSignaturesOfGoFunctions(t *testing.T) {
	type node struct {
		Name     string
		Children []node
		Data     *[]byte
	}
	named, err := task.NewSync(func(*node, ...map[string][]node) node { return node{} }, task.Name("named"))
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range append(task.Default().Tasks(), named) {
		if got := parse(t, known.Signature).String(); got != known.Signature {
			t.Errorf("%s: got %s, want %s", known.Name, got, known.Signature)
		}
	}
}

// FuzzParse reads whatever a plugin calls a signature. What it takes for one is
// printed as one that says the same.
func FuzzParse(f *testing.F) {
	f.Add("(numbers: list<double>, options: {verbose: bool?, tags: list<string>}) -> map<double>")
	f.Add("(int64...) -> {}")
	f.Add("(\xff: any?, any...) -> null")
	f.Add("(" + strings.Repeat("list<", 100))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := signature.Parse(text)
		if err != nil {
			return
		}
		again, err := signature.Parse(s.String())
		if len(s.String()) > signature.MaxBytes { // with its blanks it may be longer
			return
		}
		if err != nil || again.String() != s.String() || len(again.Parameters) != len(s.Parameters) {
			t.Errorf("%q: printed as %q, which is %v, %v", text, s, again, err)
		}
	})
}
