package cmd

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// The flags' types check their values, so that a flag, an environment variable
// and a configuration file are refused alike.

// count is a whole number from 1 up.
type count int

// UnmarshalText reads a number such as "1000".
func (c *count) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || n < 1 {
		return fmt.Errorf("want a whole number from 1 to %d, got %q", math.MaxInt32, text)
	}
	*c = count(n)
	return nil
}

// limit is a whole number from 0 up; what 0 means is each flag's own.
type limit int

// UnmarshalText reads a number such as "0" or "1000".
func (l *limit) UnmarshalText(text []byte) error {
	n, err := strconv.ParseInt(string(text), 10, 32)
	if err != nil || n < 0 {
		return fmt.Errorf("want a whole number from 0 to %d, got %q", math.MaxInt32, text)
	}
	*l = limit(n)
	return nil
}

// period is a time span longer than nothing.
type period time.Duration

// UnmarshalText reads a span such as "90s", "1h30m" or "500ms".
func (p *period) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d <= 0 {
		return fmt.Errorf("want a time span such as 500ms, 90s or 1h30m, got %q", text)
	}
	*p = period(d)
	return nil
}

// size is a number of bytes from 1 up.
type size int64

// UnmarshalText reads a size such as "4MiB", "64 KB" or "65536".
func (s *size) UnmarshalText(text []byte) error {
	n, err := parseSize(string(text))
	if err != nil {
		return fmt.Errorf("want a size such as 4MiB, 64KB or 65536 (bytes), got %q", text)
	}
	*s = size(n)
	return nil
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

// level is the least severity that is logged.
type level slog.Level

// UnmarshalText reads debug, info, warn or error.
func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "debug":
		*l = level(slog.LevelDebug)
	case "info":
		*l = level(slog.LevelInfo)
	case "warn":
		*l = level(slog.LevelWarn)
	case "error":
		*l = level(slog.LevelError)
	default:
		return fmt.Errorf("want debug, info, warn or error, got %q", text)
	}
	return nil
}
