package literal

import (
	"fmt"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Time reads a time such as "2006-01-02T15:04:05Z", "2006-01-02 15:04:05" or
// "2006-01-02", which without a zone are the user's.
func Time(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", time.DateOnly} {
		parsed, err := time.ParseInLocation(layout, text, time.Local) //nolint:gosmopolitan // the user's own clock
		if err == nil {
			return parsed, nil
		}
	}
	return time.Time{}, fmt.Errorf("want a time such as 2006-01-02T15:04:05Z, got %q", text)
}

// lastCode is gRPC's.
const lastCode task.Code = 16

// Codes are the names of gRPC's codes, but for OK.
func Codes() []string {
	var names []string
	for c := task.Cancelled; c <= lastCode; c++ {
		names = append(names, c.String())
	}
	return names
}

// Code reads a code such as "INVALID_ARGUMENT", or "invalid-argument".
func Code(text string) (task.Code, error) {
	word := strings.ReplaceAll(strings.ToUpper(text), "-", "_")
	for c := task.Cancelled; c <= lastCode; c++ {
		if c.String() == word {
			return c, nil
		}
	}
	return task.OK, fmt.Errorf("want a code such as INVALID_ARGUMENT, got %q", text)
}
