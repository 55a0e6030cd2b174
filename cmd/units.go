package cmd

import (
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// unitMappers let the parser read what a type tag says a flag's number counts.
func unitMappers() kong.Option {
	return kong.OptionFunc(func(parser *kong.Kong) error {
		for _, unit := range []setting.Unit{setting.Count, setting.Limit, setting.Period, setting.Size} {
			mapper := kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
				var text string
				if err := ctx.Scan.PopValueInto(string(unit), &text); err != nil {
					return err
				}
				n, err := unit.Parse(text)
				if err != nil {
					return err
				}
				target.SetInt(n)
				return nil
			})
			if err := kong.NamedMapper(string(unit), mapper).Apply(parser); err != nil {
				return err
			}
		}
		return nil
	})
}

// unitOf returns what a flag's number counts.
func unitOf(flag *kong.Flag) setting.Unit {
	switch flag.Target.Interface().(type) {
	case limit:
		return setting.Limit
	case period:
		return setting.Period
	case size:
		return setting.Size
	default:
		return setting.Unit(flag.Tag.Type)
	}
}

// The flags' types check their values, so that a flag, an environment variable
// and a configuration file are refused alike.

type (
	// limit is a whole number from 0 up; what 0 means is each flag's own.
	limit int
	// period is a time span longer than nothing.
	period time.Duration
	// size is a number of bytes from 1 up.
	size int64
)

// UnmarshalText reads a number such as "0" or "1000".
func (l *limit) UnmarshalText(text []byte) error { return readUnit(l, setting.Limit, text) }

// UnmarshalText reads a span such as "90s", "1h30m" or "500ms".
func (p *period) UnmarshalText(text []byte) error { return readUnit(p, setting.Period, text) }

// UnmarshalText reads a size such as "4MiB", "64 KB" or "65536".
func (s *size) UnmarshalText(text []byte) error { return readUnit(s, setting.Size, text) }

func readUnit[T ~int | ~int64](into *T, unit setting.Unit, text []byte) error {
	n, err := unit.Parse(string(text))
	if err == nil {
		*into = T(n)
	}
	return err
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
