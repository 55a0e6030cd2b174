// A plugin in Go with the three example tasks, which becomes a WebAssembly module
// or a dynamic library: README.md says how.
package main

import (
	"log/slog"
	"math/bits"
	"time"

	"github.com/taskscheduler/taskscheduler/abi/taskplugin"
)

func init() { //nolint:gochecknoinits // the server calls tasks, never main
	taskplugin.About("1.0.0", "Examples of what a task can do.")
	taskplugin.Sync("multiply", multiply, "(factors: int64...) -> int64", "Returns the product of all factors.")
	taskplugin.Async("delayed_echo", delayedEcho, "(value: any, milliseconds: int32) -> any",
		"Returns the value after that many milliseconds.")
	taskplugin.Sync("summarize", summarize,
		"(numbers: list<double>, labels: map) -> {count: int64, sum: double, keys: list<string>}",
		"Counts and adds numbers, and lists a map's keys.")
}

func main() {} // never called

func multiply(factors ...int64) (int64, error) {
	product := int64(1)
	for _, factor := range factors {
		var ok bool
		if product, ok = times(product, factor); !ok {
			return 0, taskplugin.BadArguments("the product does not fit an int64")
		}
	}
	return product, nil
}

// delayedEcho is async: it waits rather than works.
func delayedEcho(c *taskplugin.Call, value any, milliseconds int32) (any, error) {
	c.Log(slog.LevelDebug, "waiting")
	ctx, cancel := c.Context()
	defer cancel()
	select {
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
	case <-ctx.Done():
		return nil, taskplugin.ErrCancelled
	}
	c.Progress(1, "waited")
	return value, nil
}

func summarize(numbers []float64, labels map[string]any) map[string]any {
	sum := 0.0
	for _, number := range numbers {
		sum += number
	}
	keys := make([]string, 0, len(labels))
	for key := range labels {
		keys = append(keys, key)
	}
	return map[string]any{"count": len(numbers), "sum": sum, "keys": keys}
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
