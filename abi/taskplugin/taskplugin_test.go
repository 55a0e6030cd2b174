package taskplugin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestFunctionsGetArgumentsAsTheyWantThem(t *testing.T) {
	list := []any{int64(1), int64(2)}
	fields := map[string]any{"a": 1.5}
	for name, test := range map[string]struct {
		run  any
		args []any
		want string // what it returned, or the error
	}{
		"nothing":            {func() {}, nil, "<nil>"},
		"a call":             {func(c *Call) uint32 { return c.Attempt }, nil, "0"},
		"as they come":       {func(_ *Call, args []any) (any, error) { return args, nil }, list, "[1 2]"},
		"variadic":           {func(n ...int) int { return len(n) }, list, "2"},
		"variadic, none":     {func(s string, n ...int) string { return s + fmt.Sprint(n) }, []any{"x"}, "x[]"},
		"any":                {func(v any) any { return v }, []any{fields}, "map[a:1.5]"},
		"a list":             {func(v []int32) []int32 { return v }, []any{list}, "[1 2]"},
		"a map":              {func(v map[string]float32) float32 { return v["a"] }, []any{fields}, "1.5"},
		"bytes":              {func(v []byte) string { return string(v) }, []any{[]byte("x")}, "x"},
		"null as a list":     {func(v []int) bool { return v == nil }, []any{nil}, "true"},
		"another number":     {func(n int) int { return n }, []any{2.0}, "2"},
		"an error":           {func() error { return errors.New("no") }, nil, "no"},
		"too few":            {func(string) {}, nil, "want 1 arguments, got 0"},
		"too many":           {func() {}, list, "want 0 arguments, got 2"},
		"half a number":      {func(int) {}, []any{2.5}, "argument 1: want a int, got a float64"},
		"too large a number": {func(int32) {}, []any{int64(1 << 40)}, "argument 1: want a int32, got a int64"},
		"less than none":     {func(uint64) {}, []any{int64(-1)}, "argument 1: want a uint64, got a int64"},
		"the highest bit":    {func(int32) {}, []any{uint32(1 << 31)}, "argument 1: want a int32, got a uint32"},
		"2 to the 63rd":      {func(int64) {}, []any{float64(1 << 63)}, "argument 1: want a int64, got a float64"},
		"2 to the 64th":      {func(uint64) {}, []any{float64(1 << 64)}, "argument 1: want a uint64, got a float64"},
		"another kind":       {func([]int) {}, []any{[]any{"x"}}, "argument 1: item 1: want a int, got a string"},
		"another field":      {func(map[string]bool) {}, []any{fields}, `argument 1: "a": want a bool, got a float64`},
		"null as a number":   {func(int) {}, []any{nil}, "argument 1: want a int, got a <nil>"},
	} {
		t.Run(name, func(t *testing.T) {
			e := entry{run: adapt("test", test.run)}
			result, err := runSafely(&e, new(Call), test.args)
			if got := fmt.Sprint(result); err != nil && err.Error() != test.want || err == nil && got != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

func TestWhatCanBeNoTask(t *testing.T) {
	for name, run := range map[string]any{
		"nothing": nil, "a number": 1, "two results": func() (int, int) { return 1, 2 }, "three": func() (a, b int, err error) { return },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if cause := fmt.Sprint(recover()); !strings.Contains(cause, "taskplugin: test: want a function") {
					t.Errorf("got %s", cause)
				}
			}()
			adapt("test", run)
		})
	}
}

func TestErrorsAreStatuses(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want int32
	}{
		"any":       {errors.New("x"), statusFailed},
		"retry":     {fmt.Errorf("wrapped: %w", Retry(errors.New("x"))), statusRetry},
		"arguments": {BadArguments("x"), statusBadArguments},
		"cancelled": {ErrCancelled, statusCancelled},
		"a context": {fmt.Errorf("wrapped: %w", context.Canceled), statusCancelled},
	} {
		if got := statusOf(test.err); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestAPanicIsAFailure(t *testing.T) {
	e := entry{run: adapt("test", func() { panic("on purpose") })}
	if _, err := runSafely(&e, new(Call), nil); err == nil || err.Error() != "panic: on purpose" {
		t.Errorf("got %v", err)
	}
}

// A zero Call is for tests of tasks.
func TestAZeroCall(t *testing.T) {
	c := new(Call)
	c.Log(0, "nobody hears it")
	c.Progress(1, "")
	ctx, cancel := c.Context()
	if c.Cancelled() || ctx.Err() != nil {
		t.Error("it is cancelled")
	}
	cancel()
	if ctx.Err() == nil {
		t.Error("the context doesn't end")
	}
}
