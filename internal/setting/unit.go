package setting

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Unit is what a setting's number counts, and so how people write it.
type Unit string

const (
	// Text is not a number.
	Text Unit = ""
	// Count is a whole number from 1 up.
	Count Unit = "count"
	// Limit is a whole number from 0 up; what 0 means is each setting's own.
	Limit Unit = "limit"
	// Period is a time span longer than nothing, in nanoseconds.
	Period Unit = "period"
	// Size is a number of bytes from 1 up.
	Size Unit = "size"
)

// Parse reads a number as people write it: "1000", "90s", "4MiB".
func (u Unit) Parse(text string) (int64, error) {
	switch u {
	case Count:
		return parseNumber(text, 1)
	case Limit:
		return parseNumber(text, 0)
	case Period:
		d, err := time.ParseDuration(text)
		if err != nil || d <= 0 {
			return 0, fmt.Errorf("want a time span such as 500ms, 90s or 1h30m, got %q", text)
		}
		return int64(d), nil
	case Size:
		n, err := parseSize(text)
		if err != nil {
			return 0, fmt.Errorf("want a size such as 4MiB, 64KB or 65536 (bytes), got %q", text)
		}
		return n, nil
	case Text:
	}
	return 0, fmt.Errorf("%q is not a number of a %q", text, u)
}

// Format writes a number so that Parse and programs can read it; sizes are in
// bytes.
func (u Unit) Format(n int64) string {
	if u == Period {
		return time.Duration(n).String()
	}
	return strconv.FormatInt(n, 10)
}

func parseNumber(text string, least int64) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < least {
		return 0, fmt.Errorf("want a whole number from %d to %d, got %q", least, math.MaxInt32, text)
	}
	return n, nil
}

var errSize = errors.New("not a size")

func parseSize(text string) (int64, error) {
	digits := strings.TrimRight(text, "BKMGTi")
	var unit int64
	switch text[len(digits):] {
	case "", "B":
		unit = 1
	case "KB":
		unit = 1e3
	case "MB":
		unit = 1e6
	case "GB":
		unit = 1e9
	case "TB":
		unit = 1e12
	case "KiB":
		unit = 1 << 10
	case "MiB":
		unit = 1 << 20
	case "GiB":
		unit = 1 << 30
	case "TiB":
		unit = 1 << 40
	default:
		return 0, errSize
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(digits, " "), 10, 64)
	if err != nil || n < 1 || n > math.MaxInt64/unit {
		return 0, errSize
	}
	return n * unit, nil
}
