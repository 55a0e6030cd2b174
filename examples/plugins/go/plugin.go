// A plugin in Go with the three example tasks, as a dynamic library. Their
// functions take and return ordinary Go values; abi.go, abi.c and values.go make
// a plugin of them. abi.c lists them a second time.
package main

import (
	"math/bits"
	"time"
)

// tasks are in the order that abi.c has them in.
var tasks = []task{
	{run: multiply},
	{run: delayedEcho, async: true},
	{run: summarize},
}

func main() {} // never called: the host calls tasks

// multiply(int32 or int64, ...) -> int64
func multiply(_ *call, args []any) (any, error) {
	product := int64(1)
	for _, arg := range args {
		factor, ok := integer(arg)
		if !ok {
			return nil, badArguments("multiply takes integers")
		}
		if product, ok = times(product, factor); !ok {
			return nil, badArguments("the product does not fit an int64")
		}
	}
	return product, nil
}

// delayedEcho(value, milliseconds) -> value; async: it waits rather than works.
func delayedEcho(c *call, args []any) (any, error) {
	if len(args) != 2 {
		return nil, badArguments("delayed_echo takes a value and milliseconds")
	}
	delay, ok := integer(args[1])
	if !ok {
		return nil, badArguments("delayed_echo takes a value and milliseconds")
	}
	c.log(levelDebug, "waiting")
	for end := time.Now().Add(time.Duration(delay) * time.Millisecond); time.Now().Before(end); {
		if c.cancelled() {
			return nil, errCancelled
		}
		time.Sleep(min(time.Until(end), 10*time.Millisecond))
	}
	c.progress(1, "waited")
	return args[0], nil
}

// summarize(list of numbers, map) -> {"count": int64, "sum": double, "keys": list of string}
func summarize(_ *call, args []any) (any, error) {
	if len(args) != 2 {
		return nil, badArguments("summarize takes a list and a map")
	}
	numbers, isList := args[0].([]any)
	labels, isMap := args[1].(map[string]any)
	if !isList || !isMap {
		return nil, badArguments("summarize takes a list and a map")
	}
	sum := 0.0
	for _, number := range numbers {
		f, ok := float(number)
		if !ok {
			return nil, badArguments("summarize takes a list of numbers")
		}
		sum += f
	}
	keys := []any{}
	for key := range labels {
		keys = append(keys, key)
	}
	return map[string]any{"count": int64(len(numbers)), "sum": sum, "keys": keys}, nil
}

// times returns a times b; ok is false when that is no int64.
func times(a, b int64) (product int64, ok bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if negative := a < 0 != (b < 0); negative {
		return -int64(low), high == 0 && low <= 1<<63
	}
	return int64(low), high == 0 && low < 1<<63
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int32:
		return int64(v), true
	case int64:
		return v, true
	default:
		return 0, false
	}
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}
