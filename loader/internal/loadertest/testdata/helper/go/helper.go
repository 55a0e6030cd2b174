// The tasks of loadertest.RunHelper in Go.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/abi/taskplugin"
)

func init() {
	taskplugin.Sync("end", end, "", "")
	taskplugin.Async("end_later", end, "", "")
	taskplugin.Sync("values", values, "", "")
	taskplugin.Sync("arguments", arguments, "", "")
	taskplugin.Sync("speak", speak, "", "")
	taskplugin.Sync("wait", wait, "", "")
}

func main() {}

func end(how string) (string, error) {
	switch how {
	case "failed":
		return "", errors.New("it failed")
	case "retry":
		return "", taskplugin.Retry(errors.New("try again"))
	case "bad":
		return "", fmt.Errorf("wrapped: %w", taskplugin.BadArguments("not %s", "so"))
	case "cancelled":
		return "", taskplugin.ErrCancelled
	case "panic":
		panic("on purpose")
	default:
		return how, nil
	}
}

func values() map[string]any {
	yes := true
	return map[string]any{
		"null": nil, "bool": &yes, "int32": int32(-1), "int64": -1 << 40, "uint32": uint32(1 << 31), "uint64": uint64(1 << 63),
		"float": float32(0.5), "double": 0.1, "string": "日本", "bytes": []byte{0, 255}, "list": []float64{1, 2},
		"map": map[string][]string{"x": {"a", ""}},
	}
}

func arguments(words []string, numbers map[string]float64) (text string) {
	text = fmt.Sprint(len(words), " ", words[0])
	for name, number := range numbers {
		text += fmt.Sprint(" ", number, " ", name)
	}
	return text
}

func speak(c *taskplugin.Call, text string) string {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		c.Log(level, text)
	}
	c.Progress(0.5, text)
	return fmt.Sprint(c.Attempt, " ", c.TaskID)
}

func wait(c *taskplugin.Call) error {
	c.Log(slog.LevelInfo, "waiting")
	for !c.Cancelled() {
		time.Sleep(time.Millisecond)
	}
	return taskplugin.ErrCancelled
}
