package task_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

type (
	wide struct {
		Small  int8
		Short  uint16
		Text   text
		Grid   [][2]float32
		Digest [16]byte
		Next   *int64
		Other  any
	}
	dashed struct {
		Key string `json:"with-dash"`
	}
	binary struct { // whose signature doubles with each level
		Left, Right []map[string]binary2
	}
	binary2 struct{ Left, Right []map[string]binary3 }
	binary3 struct{ Left, Right []map[string]binary }
)

func signature(t *testing.T, fn any, options ...task.Option) string {
	t.Helper()
	made, err := task.NewSync(fn, append(options, task.Name("test"))...)
	if err != nil {
		t.Fatal(err)
	}
	return made.Signature
}

func TestSignature(t *testing.T) {
	for _, test := range []struct {
		fn    any
		names []string
		want  string
	}{
		{func() {}, nil, "() -> null"},
		{func() error { return nil }, nil, "() -> null"},
		{func(...int32) (int32, error) { return 0, nil }, nil, "(arg1: int32...) -> int32"},
		{func(...int32) (int32, error) { return 0, nil }, []string{"factors"}, "(factors: int32...) -> int32"},
		{func(context.Context, string) (string, error) { return "", nil }, []string{"url"}, "(url: string) -> string"},
		{func([]task.Value) (task.Value, error) { return task.Null(), nil }, []string{"items"}, "(items: any...) -> any"},
		{func(_, _ []task.Value) any { return nil }, []string{"a", "b"}, "(a: list, b: list) -> any"},
		{
			func(bool, int32, int64, uint32, uint64, float32, float64) []byte { return nil }, nil,
			"(arg1: bool, arg2: int32, arg3: int64, arg4: uint32, arg5: uint64, arg6: float, arg7: double) -> bytes",
		},
		{func(int, uint, []byte, task.Value) int { return 0 }, nil, "(arg1: int64, arg2: uint64, arg3: bytes, arg4: any) -> int64"},
		{
			func(*int32, string, *bool, ...[]string) map[string]*item { return nil },
			[]string{"a", "b", "c", "d"},
			"(a: int32, b: string, c: bool?, d: list<string>...) -> map<{name: string, price: double}>",
		},
		{func(task.List, task.Map, []task.Map, map[text][]int32) {}, nil, "(arg1: list, arg2: map, arg3: list<map>, arg4: map<list<int32>>) -> null"},
		{
			func(order) order { return order{} },
			[]string{"order"},
			"(order: {id: int64?, customer: string?, http_code: int32?, remark: string?, items: list<{name: string?, price: double?}>?}) -> " +
				"{id: int64, customer: string, http_code: int32?, remark: string, items: list<{name: string, price: double}>}",
		},
		{
			func(tree) {}, nil,
			"(arg1: {label: string?, children: list<map>?, next: map?, by_name: map<map>?}) -> null",
		},
		{
			func() wide { return wide{} }, nil,
			"() -> {small: int32, short: uint32, text: string, grid: list<list<float>>, digest: bytes, next: int64?, other: any?}",
		},
		{func(dashed) {}, nil, "(arg1: map) -> null"},
	} {
		var options []task.Option
		if test.names != nil {
			options = append(options, task.Params(test.names...))
		}
		if got := signature(t, test.fn, options...); got != test.want {
			t.Errorf("%T:\ngot  %s\nwant %s", test.fn, got, test.want)
		}
	}
}

// A signature that would have more than 4 KiB says less.
func TestLongSignature(t *testing.T) {
	type big struct {
		binary

		A, B, C, D, E, F, G, H map[string]binary
	}
	type bigger struct{ A, B, C, D, E, F, G, H map[string]map[string]big }
	for _, fn := range []any{func(bigger) {}, func(_, _, _, _ bigger) bigger { return bigger{} }} {
		if got := signature(t, fn); len(got) > 4096 || !strings.Contains(got, "map<") {
			t.Errorf("%d bytes: %s", len(got), got)
		}
	}
	var deep any = func([][][][][][][][][][][][][][][][][][]int32) {}
	if got, want := signature(t, deep), "(arg1: "+strings.Repeat("list<", 16)+"list"+strings.Repeat(">", 16)+") -> null"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestWrongParams(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  string
	}{
		{[]string{"a"}, "task.Params has 1 names, the function has 2 parameters"},
		{[]string{"a", "b", "c"}, "task.Params has 3 names, the function has 2 parameters"},
		{[]string{"a", "a"}, "task.Params: two parameters are called a"},
		{[]string{"a", "2b"}, `task.Params: "2b" is not a name`},
		{[]string{"a", ""}, `task.Params: "" is not a name`},
	} {
		_, err := task.NewSync(func(_, _ int32) {}, task.Name("test"), task.Params(test.names...))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %s", test.names, err, test.want)
		}
	}
}

// ExampleParams names what a task takes and says what it does, for those who call it.
func ExampleParams() {
	multiply := func(factors ...int64) (int64, error) {
		product := int64(1)
		for _, factor := range factors {
			product *= factor
		}
		return product, nil
	}
	t, err := task.NewSync(multiply, task.Name("multiply"),
		task.Params("factors"), task.Doc("Returns the product of all factors."))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Name+t.Signature, "//", t.Doc)
	_, err = t.Run(context.Background(), []task.Value{task.Int32(6), task.String("7")})
	fmt.Println(err)
	// Output:
	// multiply(factors: int64...) -> int64 // Returns the product of all factors.
	// multiply(factors: int64...) -> int64: argument 2 is a string
}
