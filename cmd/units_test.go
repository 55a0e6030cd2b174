package cmd

import (
	"encoding"
	"log/slog"
	"math"
	"testing"
	"time"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		into encoding.TextUnmarshaler
		want any // nil: refused
	}{
		{"1", new(count), count(1)},
		{"2147483647", new(count), count(math.MaxInt32)},
		{"0", new(count), nil},
		{"-1", new(count), nil},
		{"2147483648", new(count), nil},
		{"1e3", new(count), nil},
		{"", new(count), nil},

		{"0", new(limit), limit(0)},
		{"-1", new(limit), nil},

		{"500ms", new(period), period(500 * time.Millisecond)},
		{"1h30m", new(period), period(90 * time.Minute)},
		{"0s", new(period), nil},
		{"-1s", new(period), nil},
		{"30", new(period), nil},

		{"65536", new(size), size(65536)},
		{"1B", new(size), size(1)},
		{"4MiB", new(size), size(4 << 20)},
		{"4 MiB", new(size), size(4 << 20)},
		{"64KB", new(size), size(64000)},
		{"8388607TiB", new(size), size(8388607 << 40)},
		{"8388608TiB", new(size), nil}, // 2^63
		{"0", new(size), nil},
		{"-4MiB", new(size), nil},
		{"4mib", new(size), nil},
		{"4  MiB", new(size), nil},
		{"1.5MiB", new(size), nil},
		{"MiB", new(size), nil},
		{"", new(size), nil},

		{"warn", new(level), level(slog.LevelWarn)},
		{"WARN", new(level), nil},
	}
	for _, test := range tests {
		err := test.into.UnmarshalText([]byte(test.text))
		if test.want == nil {
			if err == nil {
				t.Errorf("%T takes %q", test.into, test.text)
			}
			continue
		}
		if got := dereferenced(test.into); err != nil || got != test.want {
			t.Errorf("%T of %q = %v, %v; want %v", test.into, test.text, got, err, test.want)
		}
	}
}

func dereferenced(unit any) any {
	switch p := unit.(type) {
	case *count:
		return *p
	case *limit:
		return *p
	case *period:
		return *p
	case *size:
		return *p
	case *level:
		return *p
	default:
		return nil
	}
}
