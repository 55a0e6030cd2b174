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

// The host holds the arguments against the task's signature: here they are int64s.
func multiply(_ *call, args []any) (any, error) {
	product := int64(1)
	for _, arg := range args {
		var ok bool
		if product, ok = times(product, arg.(int64)); !ok {
			return nil, badArguments("the product does not fit an int64")
		}
	}
	return product, nil
}

// delayedEcho is async: it waits rather than works.
func delayedEcho(c *call, args []any) (any, error) {
	delay := args[1].(int32)
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

func summarize(_ *call, args []any) (any, error) {
	numbers, labels := args[0].([]any), args[1].(map[string]any)
	sum := 0.0
	for _, number := range numbers {
		sum += number.(float64)
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
