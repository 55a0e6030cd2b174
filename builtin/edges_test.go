package builtin_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/task"
)

// Short names for long tables.
var (
	i32  = task.Int32
	i64  = task.Int64
	str  = task.String
	list = task.ListOf
)

type fields = map[string]task.Value

const refused = "INVALID_ARGUMENT"

func TestEdges(t *testing.T) {
	const full = math.MaxInt32
	for name, c := range map[string]contracttest.Case{
		"add to the largest":      {Method: "add", Args: []task.Value{i32(full - 1), i32(1)}, Result: "2147483647"},
		"add past the largest":    {Method: "add", Args: []task.Value{i32(full), i32(1)}, Error: refused, Message: "2147483648 is past what an int32 holds"},
		"add and come back":       {Method: "add", Args: []task.Value{i32(full), i32(1), i32(-1)}, Result: "2147483647"},
		"add below the smallest":  {Method: "add", Args: []task.Value{i32(math.MinInt32), i32(-1)}, Error: refused, Message: "int32"},
		"add an int64":            {Method: "add", Args: []task.Value{i32(1), i64(1)}, Result: "2"},
		"remove nothing":          {Method: "remove", Error: refused, Message: "Need at least 2 arguments for remove"},
		"remove past the largest": {Method: "remove", Args: []task.Value{i32(full), i32(-1)}, Error: refused, Message: "int32"},
		"add other kinds":         {Method: "add", Args: []task.Value{task.Uint64(1), task.Double(-3), task.Float(4)}, Result: "2"},
		"add too large an int64":  {Method: "add", Args: []task.Value{i64(1 << 32)}, Error: refused, Message: "add(numbers: int32...) -> int32: argument 1 is the int64 4294967296, which an int32 can't hold"},
		"remove other kinds":      {Method: "remove", Args: []task.Value{i64(5), task.Double(2)}, Result: "3"},
		"remove one":              {Method: "remove", Args: []task.Value{i32(1)}, Error: refused, Message: "Need at least 2 arguments for remove"},
		"remove a string":         {Method: "remove", Args: []task.Value{i32(1), str("1")}, Error: refused, Message: "argument 2"},

		"ping twice":      {Method: "ping", Args: []task.Value{str("a"), i32(2)}, Result: "pong: a"},
		"ping a number":   {Method: "ping", Args: []task.Value{i32(1)}, Error: refused, Message: "argument 1 is an int32"},
		"ping an empty":   {Method: "ping", Args: []task.Value{str("")}, Result: "pong: "},
		"echo no bool":    {Method: "echo_bool", Result: ""},
		"echo other bool": {Method: "echo_bool", Args: []task.Value{task.Bool(true), i32(1), task.Bool(false)}, Result: "true,,false"},
		"echo no string":  {Method: "echo_string", Result: ""},
		"echo others":     {Method: "echo_string", Args: []task.Value{i32(1), str("a"), task.Bytes([]byte("b")), str("")}, Result: ",a,,"},
		"echo bytes":      {Method: "echo_bytes", Args: []task.Value{task.Bytes([]byte("grüße")), str("a"), task.Bytes(nil)}, Result: "grüße,,"},
		"echo bad UTF-8":  {Method: "echo_bytes", Args: []task.Value{task.Bytes([]byte("a")), task.Bytes([]byte{255})}, Error: refused, Message: "argument 2"},

		"sum of nothing":       {Method: "sum_list", Args: []task.Value{list()}, Result: "0"},
		"sum without a list":   {Method: "sum_list", Error: refused, Message: "want at least 1 argument"},
		"sum of two lists":     {Method: "sum_list", Args: []task.Value{list(i32(1)), list(i32(2)), str("a")}, Result: "1"},
		"sum of a number":      {Method: "sum_list", Args: []task.Value{i32(1)}, Error: refused, Message: "argument 1 is an int32"},
		"sum of a mixture":     {Method: "sum_list", Args: []task.Value{list(i32(-1), str("9"), task.Uint32(9), task.Double(9), i64(3), list(i32(9)))}, Result: "2"},
		"sum to the largest":   {Method: "sum_list", Args: []task.Value{list(i64(math.MaxInt64), i32(0))}, Result: "9223372036854775807"},
		"sum past the largest": {Method: "sum_list", Args: []task.Value{list(i64(math.MaxInt64), i32(1))}, Error: refused, Message: "int64"},
		"sum below":            {Method: "sum_list", Args: []task.Value{list(i64(math.MinInt64), i32(-1))}, Error: refused, Message: "int64"},
		"sum and come back":    {Method: "sum_list", Args: []task.Value{list(i64(math.MaxInt64), i64(math.MaxInt64), i64(math.MinInt64), i64(math.MinInt64))}, Result: "-2"},
		"sum of the extremes":  {Method: "sum_list", Args: []task.Value{list(i64(math.MinInt64), i64(math.MinInt64))}, Error: refused, Message: "int64"},

		"no items in none":      {Method: "process_collection", Args: []task.Value{list(), task.MapOf(nil)}, Result: "Array: 0 items, Map: 0 items"},
		"a map and a list":      {Method: "process_collection", Args: []task.Value{task.MapOf(nil), list()}, Error: refused, Message: "argument 1 is a map"},
		"one collection":        {Method: "process_collection", Args: []task.Value{list()}, Error: refused, Message: "want 2 arguments, got 1"},
		"three collections":     {Method: "process_collection", Args: []task.Value{list(), task.MapOf(nil), list()}, Error: refused, Message: "want 2 arguments, got 3"},
		"no lists in a list":    {Method: "process_nested_list", Args: []task.Value{list()}, Result: "Received nested list with 0 inner lists: "},
		"an empty inner list":   {Method: "process_nested_list", Args: []task.Value{list(list())}, Result: "Received nested list with 1 inner lists: [List 0 (0 items): ] "},
		"numbers in inner list": {Method: "process_nested_list", Args: []task.Value{list(list(i32(1), list(i32(2))))}, Result: "Received nested list with 1 inner lists: [List 0 (2 items): ] "},
		"strings among others":  {Method: "process_nested_list", Args: []task.Value{list(list(str("a"), task.Bytes([]byte{255}), str("")), list(task.Null(), str("b"))), i32(1)}, Result: "Received nested list with 2 inner lists: [List 0 (3 items): a, ] [List 1 (2 items): b] "},
		"a number in the list":  {Method: "process_nested_list", Args: []task.Value{list(list(), i32(1), task.MapOf(nil))}, Result: "Received nested list with 3 inner lists: [List 0 (0 items): ] [Item 1 is not a list] [Item 2 is not a list] "},
		"not a nested list":     {Method: "process_nested_list", Args: []task.Value{str("a")}, Error: refused, Message: "argument 1 is a string"},

		"an empty complex map": {Method: "process_complex_map", Args: []task.Value{task.MapOf(nil)}, Result: "Received complex map: "},
		"a wrong id": {
			Method: "process_complex_map",
			Args:   []task.Value{task.MapOf(fields{"id": i32(7), "active": str("true"), "metadata": list(), "tags": str("a")})},
			Result: "Received complex map: ",
		},
		"parts of a complex map": {
			Method: "process_complex_map",
			Args: []task.Value{task.MapOf(fields{
				"active": task.Bool(false), "metadata": task.MapOf(fields{"timestamp": str("t"), "source": i32(1)}),
				"tags": list(str("a"), i32(1), str("b")), "other": i32(1),
			})},
			Result: "Received complex map: Active=false, Metadata={ timestamp=t }, Tags=[a, b]",
		},
		"nothing in the parts": {
			Method: "process_complex_map",
			Args:   []task.Value{task.MapOf(fields{"metadata": task.MapOf(nil), "tags": list()})},
			Result: "Received complex map: Metadata={  }, Tags=[]",
		},
		"not a map":        {Method: "process_complex_map", Args: []task.Value{list()}, Error: refused, Message: "argument 1 is a list"},
		"two maps":         {Method: "process_complex_map", Args: []task.Value{task.MapOf(fields{"id": i64(1)}), i32(2)}, Result: "Received complex map: ID=1"},
		"only a source":    {Method: "process_complex_map", Args: []task.Value{task.MapOf(fields{"metadata": task.MapOf(fields{"source": str("s"), "timestamp": i64(1)})})}, Result: "Received complex map: Metadata={ source=s,  }"},
		"an empty person":  {Method: "process_person_map", Args: []task.Value{task.MapOf(nil)}, Result: "Processing person: "},
		"a strange person": {Method: "process_person_map", Args: []task.Value{task.MapOf(fields{"name": i32(1), "age": i64(1), "isStudent": i32(0), "scores": task.Double(1)})}, Result: "Processing person: "},
		"a person's scores": {
			Method: "process_person_map",
			Args:   []task.Value{task.MapOf(fields{"scores": list(task.Float(0.1), i32(1), task.Double(0.1), task.Double(1e-7), task.Float(1e10), str("x"))})},
			Result: "Processing person: Scores=[0.1, 0.1, 0.0000001, 10000000000]",
		},
		"scores without end": {
			Method: "process_person_map",
			Args: []task.Value{task.MapOf(fields{"scores": list(task.Double(math.Inf(1)), task.Float(float32(math.Inf(-1))), task.Double(math.NaN()),
				task.Double(1e21), task.Float(float32(math.Copysign(0, -1))), task.Double(2.5e-7))}), str("others")},
			Result: "Processing person: Scores=[inf, -inf, NaN, 1000000000000000000000, -0, 0.00000025]",
		},

		"delete nothing":             {Method: "delete", Result: "Deleted 0 items"},
		"delete anything":            {Method: "delete", Args: []task.Value{str("a"), list()}, Result: "Deleted 2 items"},
		"the first fibonacci":        {Method: "fibonacci", Args: []task.Value{i32(0)}, Result: "0"},
		"the second fibonacci":       {Method: "fibonacci", Args: []task.Value{i32(1)}, Result: "1"},
		"the last fibonacci":         {Method: "fibonacci", Args: []task.Value{i32(93)}, Result: "12200160415121876738"},
		"past the last fibonacci":    {Method: "fibonacci", Args: []task.Value{i32(94)}, Error: refused, Message: "past 93"},
		"fibonacci of the largest":   {Method: "fibonacci", Args: []task.Value{i32(full)}, Error: refused, Message: "past 93"},
		"fibonacci of a string":      {Method: "fibonacci", Args: []task.Value{str("1")}, Error: refused, Message: "argument 1 is a string"},
		"fibonacci without a number": {Method: "fibonacci", Error: refused, Message: "want at least 1 argument"},
		"fibonacci of a double":      {Method: "fibonacci", Args: []task.Value{task.Double(12), str("others")}, Result: "144"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				result, err := call(t.Context(), c.Method, c.Args...)
				check(t, c, result, err)
			})
		})
	}
}

// The async ones take the contract's time, and end with their context.
func TestWaiting(t *testing.T) {
	for method, wait := range map[string]time.Duration{"delete": 100 * time.Millisecond, "fibonacci": 50 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if _, err := call(t.Context(), method, i32(1)); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took != wait {
				t.Errorf("%s took %v, want %v", method, took, wait)
			}
		})
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), wait/2)
			defer cancel()
			start := time.Now()
			_, err := call(ctx, method, i32(1))
			if took := time.Since(start); took != wait/2 {
				t.Errorf("%s ended %v after the start, want %v", method, took, wait/2)
			}
			if !errors.Is(err, context.DeadlineExceeded) || err.Code != task.DeadlineExceeded {
				t.Errorf("%s: %v", method, err)
			}
		})
	}
}

func TestRefusalsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := call(t.Context(), "fibonacci", i32(-1))
		if err == nil || !time.Now().Equal(start) {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// The contract's table, with the kind of each task.
func TestKinds(t *testing.T) {
	want := "add remove delete* ping echo_bool echo_string echo_bytes sum_list process_collection " +
		"process_nested_list process_complex_map process_person_map fibonacci*"
	names := strings.Fields(want)
	for _, name := range names {
		name, async := strings.CutSuffix(name, "*")
		switch found := task.Default().Lookup(name); {
		case found == nil:
			t.Errorf("%s is missing", name)
		case found.Async != async:
			t.Errorf("%s: async is %v, want %v", name, found.Async, async)
		case !strings.HasPrefix(found.Source, "builtin/"):
			t.Errorf("%s comes from %s", name, found.Source)
		}
	}
	if all := task.Default().Tasks(); len(all) != len(names) {
		t.Errorf("%d tasks, want %d", len(all), len(names))
	}
}
