package task_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// Types that a user's signatures may name.
type (
	text  string
	level int32
	base  struct{ ID int64 }
	order struct {
		base
		Customer   string
		HTTPCode   *int32
		Note       string `json:"remark,omitempty"`
		Hidden     string `json:"-"`
		Items      []item
		unexported int32
	}
	item struct {
		Name  string
		Price float64
	}
	tree struct {
		Label    string
		Children []tree
		Next     *tree
		ByName   map[string]tree
	}
)

// run adapts fn as a sync task, or as an async one when it takes a context,
// and calls it.
func run(t *testing.T, fn any, args ...task.Value) (task.Value, error) {
	t.Helper()
	register := task.NewSync
	if strings.HasPrefix(fmt.Sprintf("%T", fn), "func(context.Context") {
		register = task.NewAsync
	}
	made, err := register(fn, task.Name("test"))
	if err != nil {
		t.Fatalf("%T: %v", fn, err)
	}
	return made.Run(t.Context(), args)
}

func TestSignatures(t *testing.T) {
	one, two := task.Int32(1), task.Int32(2)
	tests := map[string]struct {
		fn   any
		args []task.Value
		want string
	}{
		"nothing at all":    {func() {}, nil, ""},
		"only an error":     {func() error { return nil }, nil, ""},
		"only a result":     {func() int { return 7 }, nil, "7"},
		"result and error":  {func() (string, error) { return "a", nil }, nil, "a"},
		"raw":               {func(args []task.Value) (task.Value, error) { return args[1], nil }, []task.Value{one, two}, "2"},
		"raw to string":     {func(args []task.Value) string { return fmt.Sprint(len(args)) }, []task.Value{one, two}, "2"},
		"raw, async":        {func(_ context.Context, args []task.Value) (task.Value, error) { return args[0], nil }, []task.Value{one}, "1"},
		"raw to int, async": {func(_ context.Context, args []task.Value) int { return len(args) }, []task.Value{one}, "1"},
		"a list of values":  {func(list task.List) int { return len(list) }, []task.Value{task.ListOf(one, two)}, "2"},
		"two lists":         {func(a, b []task.Value) int { return len(a) - len(b) }, []task.Value{task.ListOf(one, two), task.ListOf(one)}, "1"},
		"a map of values":   {func(m task.Map) int { return len(m) }, []task.Value{task.MapOf(map[string]task.Value{"k": one})}, "1"},
		"any value":         {func(v task.Value) string { return v.Kind().String() }, []task.Value{one}, "int32"},
		"any values":        {func(vs ...task.Value) int { return len(vs) }, []task.Value{one, task.String("a")}, "2"},

		"variadic":              {func(ns ...int32) (int32, error) { return ns[0] - ns[1], nil }, []task.Value{two, one}, "1"},
		"variadic, int64":       {func(ns ...int64) (int64, error) { return ns[0] + ns[1], nil }, []task.Value{two, task.Int64(1)}, "3"},
		"variadic, float64":     {func(ns ...float64) (float64, error) { return ns[0] / ns[1], nil }, []task.Value{one, two}, "0.5"},
		"variadic, string":      {func(s ...string) (string, error) { return strings.Join(s, "+"), nil }, []task.Value{task.String("a"), task.String("b")}, "a+b"},
		"variadic, none":        {func(ns ...int32) int { return len(ns) }, nil, "0"},
		"variadic after one":    {func(s string, ns ...int32) string { return fmt.Sprint(s, ns) }, []task.Value{task.String("a"), one, two}, "a[1 2]"},
		"variadic after none":   {func(s *string, ns ...int32) bool { return s == nil && ns != nil }, nil, "true"},
		"variadic pointers":     {func(ns ...*int32) int32 { return *ns[0] }, []task.Value{two}, "2"},
		"variadic lists, async": {func(_ context.Context, ls ...[]int32) int { return len(ls) }, []task.Value{task.ListOf(), task.ListOf(one)}, "2"},

		"bool":           {func(b bool) bool { return !b }, []task.Value{task.Bool(true)}, "false"},
		"int64":          {func(n int64) int64 { return n }, []task.Value{task.Int64(math.MinInt64)}, "-9223372036854775808"},
		"uint32":         {func(n uint32) uint32 { return n }, []task.Value{task.Uint32(math.MaxUint32)}, "4294967295"},
		"uint64":         {func(n uint64) uint64 { return n }, []task.Value{task.Uint64(math.MaxUint64)}, "18446744073709551615"},
		"float32":        {func(f float32) float32 { return f }, []task.Value{task.Float(0.1)}, "0.1"},
		"float64":        {func(f float64) float64 { return f }, []task.Value{task.Double(0.1)}, "0.1"},
		"bytes":          {func(b []byte) []byte { return b }, []task.Value{task.Bytes([]byte("b"))}, "b"},
		"named types":    {func(s text, l level) string { return fmt.Sprint(s, l) }, []task.Value{task.String("a"), two}, "a2"},
		"int of int32":   {func(n int) int { return n }, []task.Value{task.Int32(-1)}, "-1"},
		"int of uint64":  {func(n int) int { return n }, []task.Value{task.Uint64(math.MaxInt64)}, "9223372036854775807"},
		"uint of int32":  {func(n uint) uint { return n }, []task.Value{one}, "1"},
		"uint of uint64": {func(n uint) uint { return n }, []task.Value{task.Uint64(math.MaxUint64)}, "18446744073709551615"},
		"widened":        {func(i int64, u uint64, f float64) string { return fmt.Sprint(i, u, f) }, []task.Value{one, task.Uint32(2), task.Float(1.5)}, "1 2 1.5"},

		"an int32 of a double":  {func(n int32) int32 { return n }, []task.Value{task.Double(-5)}, "-5"},
		"an int32 of a uint64":  {func(n int32) int32 { return n }, []task.Value{task.Uint64(5)}, "5"},
		"int of a double":       {func(n int) int { return n }, []task.Value{task.Double(1e15)}, "1000000000000000"},
		"double of an int64":    {func(f float64) float64 { return f }, []task.Value{task.Int64(1 << 53)}, "9007199254740992"},
		"float of a double":     {func(f float32) float32 { return f }, []task.Value{task.Double(0.5)}, "0.5"},
		"other kinds, variadic": {func(ns ...int32) (int32, error) { return ns[0] + ns[1], nil }, []task.Value{task.Int64(2), task.Double(3)}, "5"},
		"other kinds, inside":   {func(ns []int32) int32 { return ns[0] }, []task.Value{task.ListOf(task.Double(3))}, "3"},

		"a pointer":           {func(n *int32) int32 { return *n }, []task.Value{two}, "2"},
		"an absent pointer":   {func(n *int32) bool { return n == nil }, nil, "true"},
		"a pointer to null":   {func(n *int32) bool { return n == nil }, []task.Value{task.Null()}, "true"},
		"a pointer to value":  {func(v *task.Value) string { return v.Kind().String() }, []task.Value{task.Null()}, "null"},
		"two absent pointers": {func(a, b *string) bool { return *a == "a" && b == nil }, []task.Value{task.String("a")}, "true"},

		"nested lists": {func(l [][]int32) int32 { return l[1][0] }, []task.Value{task.ListOf(task.ListOf(), task.ListOf(two))}, "2"},
		"a typed map":  {func(m map[text]level) level { return m["k"] }, []task.Value{task.MapOf(map[string]task.Value{"k": two})}, "2"},
		"a map of maps": {
			func(m map[string]map[string]bool) bool { return m["a"]["b"] },
			[]task.Value{task.MapOf(map[string]task.Value{"a": task.MapOf(map[string]task.Value{"b": task.Bool(true)})})},
			"true",
		},
		"a map result":  {func() map[string]int { return map[string]int{"b": 2, "a": 1} }, nil, `{"a":1,"b":2}`},
		"a nil result":  {func() *int32 { return nil }, nil, ""},
		"an any result": {func() any { return []any{1, "a", nil} }, nil, `[1,"a",null]`},
		"a list result": {func() task.List { return task.List{one} }, nil, "[1]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := run(t, test.fn, test.args...)
			if err != nil || v.String() != test.want {
				t.Errorf("%T: %q, %v, want %q", test.fn, v, err, test.want)
			}
		})
	}
}

func TestStructs(t *testing.T) {
	value := task.MapOf(map[string]task.Value{
		"id":         task.Int64(7), // of the embedded struct
		"customer":   task.String("Jane"),
		"http_code":  task.Int32(200),
		"remark":     task.String("fragile"),
		"hidden":     task.String("no"),
		"unexported": task.Int32(9),
		"stranger":   task.ListOf(),
		"items":      task.ListOf(task.MapOf(map[string]task.Value{"name": task.String("pen"), "price": task.Double(1.5)})),
	})
	var got order
	echo := func(o order) order { got = o; return o }
	v, err := run(t, echo, value)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != 7 || got.Customer != "Jane" || *got.HTTPCode != 200 || got.Note != "fragile" ||
		got.Hidden != "" || got.unexported != 0 || len(got.Items) != 1 || got.Items[0] != (item{"pen", 1.5}) {
		t.Errorf("got %+v", got)
	}
	want := `{"customer":"Jane","http_code":200,"id":7,"items":[{"name":"pen","price":1.5}],"remark":"fragile"}`
	if v.String() != want {
		t.Errorf("got  %s\nwant %s", v, want)
	}
	if v, err = run(t, echo, task.MapOf(nil)); err != nil || v.String() != `{"customer":"","id":0,"items":[],"remark":""}` {
		t.Errorf("of an empty map: %s, %v", v, err)
	}
}

// A type may contain itself, by a list, a map or a pointer.
func TestRecursiveStruct(t *testing.T) {
	leaf := func(label string) task.Value { return task.MapOf(map[string]task.Value{"label": task.String(label)}) }
	value := task.MapOf(map[string]task.Value{
		"label":    task.String("root"),
		"children": task.ListOf(leaf("a"), task.MapOf(map[string]task.Value{"next": leaf("b")})),
		"by_name":  task.MapOf(map[string]task.Value{"c": leaf("c")}),
	})
	v, err := run(t, func(root tree) string {
		return root.Label + root.Children[0].Label + root.Children[1].Next.Label + root.ByName["c"].Label
	}, value)
	if err != nil || v.String() != "rootabc" {
		t.Errorf("%v, %v", v, err)
	}
	_, err = run(t, func(tree) {}, task.MapOf(map[string]task.Value{"children": task.ListOf(leaf("a"), task.Int32(1))}))
	if err == nil || !strings.HasSuffix(err.Error(), `: argument 1: key "children": item 2 is an int32`) {
		t.Error(err)
	}
}

func TestWrongArguments(t *testing.T) {
	one := task.Int32(1)
	long := strings.Repeat("k", 1<<20)
	tests := map[string]struct {
		fn   any
		args []task.Value
		want string
	}{
		"none for one":       {func(int32) {}, nil, "(arg1: int32) -> null: want 1 argument, got 0"},
		"one for none":       {func() {}, []task.Value{one}, "() -> null: want 0 arguments, got 1"},
		"three for two":      {func(_, _ int32) {}, []task.Value{one, one, one}, "(arg1: int32, arg2: int32) -> null: want 2 arguments, got 3"},
		"two for one or no":  {func(*int32) {}, []task.Value{one, one}, "(arg1: int32?) -> null: want 0 to 1 arguments, got 2"},
		"none for some":      {func(int32, ...int32) {}, nil, "(arg1: int32, arg2: int32...) -> null: want at least 1 argument, got 0"},
		"another type":       {func(_ int32, _ string) {}, []task.Value{one, one}, "(arg1: int32, arg2: string) -> null: argument 2 is an int32"},
		"null":               {func(string) {}, []task.Value{task.Null()}, "(arg1: string) -> null: argument 1 is null"},
		"too large an int32": {func(int32) {}, []task.Value{task.Int64(1 << 32)}, "(arg1: int32) -> null: argument 1 is the int64 4294967296, which an int32 can't hold"},
		"a negative uint32":  {func(uint32) {}, []task.Value{task.Int32(-1)}, "(arg1: uint32) -> null: argument 1 is the int32 -1, which a uint32 can't hold"},
		"half an int32":      {func(int32) {}, []task.Value{task.Double(1.5)}, "(arg1: int32) -> null: argument 1 is the double 1.5, which an int32 can't hold"},
		"too fine a float":   {func(float32) {}, []task.Value{task.Double(0.1)}, "(arg1: float) -> null: argument 1 is the double 0.1, which a float can't hold"},
		"a named type":       {func(level) {}, []task.Value{task.Bool(true)}, "(arg1: int32) -> null: argument 1 is a bool"},
		"a string to bytes":  {func([]byte) {}, []task.Value{task.String("a")}, "(arg1: bytes) -> null: argument 1 is a string"},
		"bytes to a string":  {func(string) {}, []task.Value{task.Bytes(nil)}, "(arg1: string) -> null: argument 1 is bytes"},
		"too large an int":   {func(int) {}, []task.Value{task.Uint64(1 << 63)}, "(arg1: int64) -> null: argument 1 is the uint64 9223372036854775808, which an int64 can't hold"},
		"a negative uint":    {func(uint) {}, []task.Value{task.Int64(-1)}, "(arg1: uint64) -> null: argument 1 is the int64 -1, which a uint64 can't hold"},
		"a string to uint":   {func(uint) {}, []task.Value{task.String("1")}, "(arg1: uint64) -> null: argument 1 is a string"},
		"variadic":           {func(...int32) (int32, error) { return 0, nil }, []task.Value{one, task.Bool(true)}, "(arg1: int32...) -> int32: argument 2 is a bool"},
		"variadic after one": {func(string, ...uint64) {}, []task.Value{task.String("a"), task.Null()}, "(arg1: string, arg2: uint64...) -> null: argument 2 is null"},
		"no list":            {func(task.List) {}, []task.Value{one}, "(arg1: list) -> null: argument 1 is an int32"},
		"no typed list":      {func([]string) {}, []task.Value{one}, "(arg1: list<string>) -> null: argument 1 is an int32"},
		"a list's item":      {func([]string) {}, []task.Value{task.ListOf(task.String("a"), one)}, "(arg1: list<string>) -> null: argument 1: item 2 is an int32"},
		"no map":             {func(task.Map) {}, []task.Value{one}, "(arg1: map) -> null: argument 1 is an int32"},
		"no typed map":       {func(map[string]int) {}, []task.Value{one}, "(arg1: map<int64>) -> null: argument 1 is an int32"},
		"a map's field": {
			func(map[string]string) {},
			[]task.Value{task.MapOf(map[string]task.Value{"k": one})},
			`(arg1: map<string>) -> null: argument 1: key "k" is an int32`,
		},
		"a long key": {
			func(map[string]string) {},
			[]task.Value{task.MapOf(map[string]task.Value{long: one})},
			`(arg1: map<string>) -> null: argument 1: key "` + long[:60] + `" is an int32`,
		},
		"no struct": {func(item) {}, []task.Value{one}, "(arg1: {name: string?, price: double?}) -> null: argument 1 is an int32"},
		"a struct's field": {
			func(item) {},
			[]task.Value{task.MapOf(map[string]task.Value{"price": task.String("1")})},
			`(arg1: {name: string?, price: double?}) -> null: argument 1: key "price" is a string`,
		},
		"a pointer": {func(*string) {}, []task.Value{one}, "(arg1: string?) -> null: argument 1 is an int32"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, test.fn, test.args...)
			if err == nil || err.Error() != "test"+test.want || task.ErrorOf(err).Code != task.InvalidArgument {
				t.Errorf("got %v, want test%s", err, test.want)
			}
		})
	}
}

type stringer interface{ String() string }

type pointer *pointer

type twice struct {
	A int32 `json:"x"`
	X int32
}

func TestWrongSignatures(t *testing.T) {
	tests := map[string]struct {
		fn   any
		want string
	}{
		"nil":                  {nil, "want a function, not <nil>"},
		"no function":          {"add", "want a function, not string"},
		"a nil function":       {(func([]task.Value) (task.Value, error))(nil), "is nil"},
		"a context as the 2nd": {func(int32, context.Context) {}, "parameter 2: context.Context is an interface; task.Value takes any argument"},
		"any":                  {func(any) {}, "parameter 1: interface {} is an interface; task.Value takes any argument"},
		"a small integer":      {func(int8) {}, "parameter 1: int8 is not a type of the contract"},
		"a channel":            {func(string, chan int) {}, "parameter 2: chan int is not a type of the contract"},
		"a function":           {func(...func()) {}, "parameter 1: func() is not a type of the contract"},
		"an array":             {func([2]int32) {}, "[2]int32 is not a type of the contract"},
		"a map by numbers":     {func(map[int]string) {}, "map[int]string: a map's keys are strings"},
		"a bad map inside":     {func([]map[string]chan int) {}, "chan int is not a type of the contract"},
		"a bad field":          {func(struct{ C chan int }) {}, `key "c": chan int is not a type of the contract`},
		"no fields":            {func(struct{ hidden int32 }) {}, "has no exported fields"},
		"one key twice":        {func(twice) {}, `two fields have the key "x"`},
		"pointers":             {func(**int32) {}, "**int32 is a pointer to a pointer"},
		"a pointer to itself":  {func(pointer) {}, "is a pointer to a pointer"},

		"two results":      {func() (int, int) { return 0, 0 }, "want at most one result and an error"},
		"the error first":  {func() (error, int) { return nil, 0 }, "want at most one result and an error"}, //nolint:staticcheck // the order is the mistake that is to be told
		"a concrete error": {func() *task.Error { return nil }, "declare it as error, not as *task.Error"},
		"a bad result":     {func() chan int { return nil }, "result: chan int is not a type of the contract"},
		"a bad inner":      {func() []map[int]int { return nil }, "result: map[int]int: a map's keys are strings"},
		"an interface":     {func() stringer { return nil }, "result: task_test.stringer is an interface; only any is allowed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			made, err := task.NewSync(test.fn, task.Name("wrong"))
			if err == nil || !strings.Contains(err.Error(), test.want) || made != nil {
				t.Fatalf("got %v, want %s", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "task/adapt_test.go:") || !strings.Contains(err.Error(), ": task wrong: ") {
				t.Errorf("the place or the name is missing: %v", err)
			}
		})
	}
	for _, fn := range []any{func() {}, func(string) {}, func([]task.Value) (task.Value, error) { return task.Null(), nil }} {
		if _, err := task.NewAsync(fn, task.Name("wrong")); err == nil || !strings.Contains(err.Error(), "first parameter must be a context.Context") {
			t.Errorf("async %T: %v", fn, err)
		}
	}
}

func TestFailures(t *testing.T) {
	failure := errors.New("failed")
	for name, fn := range map[string]any{
		"error alone":      func() error { return failure },
		"result and error": func() (string, error) { return "ignored", failure },
		"variadic":         func(...int32) (int32, error) { return 1, failure },
		"raw":              func([]task.Value) (task.Value, error) { return task.Null(), failure },
		"async":            func(context.Context) error { return failure },
	} {
		if v, err := run(t, fn); !errors.Is(err, failure) || v.Kind() != task.KindNull {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
}

func TestContextReachesTheTask(t *testing.T) {
	for name, register := range map[string]func(any, ...task.Option) (*task.Task, error){"sync": task.NewSync, "async": task.NewAsync} {
		ctx, cancel := context.WithCancel(task.WithCall(t.Context(), task.Call{ID: "id", Attempt: 2}))
		cancel()
		made, err := register(func(ctx context.Context, s string) (string, error) {
			call := task.CallOf(ctx)
			return fmt.Sprint(s, call.ID, call.Attempt), ctx.Err()
		}, task.Name("test"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made.Run(ctx, []task.Value{task.String("a")}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if v, err := made.Run(context.WithoutCancel(ctx), []task.Value{task.String("a")}); err != nil || v.String() != "aid2" {
			t.Errorf("%s: %v, %v", name, v, err)
		}
		if !made.Interruptible || made.Async != (name == "async") {
			t.Errorf("%s: interruptible %t, async %t", name, made.Interruptible, made.Async)
		}
	}
	if call := task.CallOf(t.Context()); call != (task.Call{}) {
		t.Errorf("a call from nowhere: %v", call)
	}
}
