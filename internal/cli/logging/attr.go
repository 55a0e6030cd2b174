package logging

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// forMachines writes time spans with their unit, not as nanoseconds.
func forMachines(rewrite func(error) error) func([]string, slog.Attr) slog.Attr {
	return func(_ []string, attr slog.Attr) slog.Attr {
		if attr.Value.Kind() == slog.KindDuration {
			attr.Value = slog.StringValue(attr.Value.Duration().String())
			return attr
		}
		return rewritten(attr, rewrite)
	}
}

// rewritten says an error in other words, also one that is a text: what went
// wrong with a plugin is told as message.
func rewritten(attr slog.Attr, rewrite func(error) error) slog.Attr {
	if err, ok := attr.Value.Any().(error); ok {
		attr.Value = slog.AnyValue(rewrite(err))
	} else if attr.Key == "message" && attr.Value.Kind() == slog.KindString {
		attr.Value = slog.StringValue(rewrite(errors.New(attr.Value.String())).Error())
	}
	return attr
}

// forPeople keeps what clients choose, such as ids, from steering the terminal.
func forPeople(rewrite func(error) error) func([]string, slog.Attr) slog.Attr {
	return func(_ []string, attr slog.Attr) slog.Attr {
		if kind := attr.Value.Kind(); kind != slog.KindString && kind != slog.KindAny {
			return attr
		}
		attr = rewritten(attr, rewrite)
		text := fmt.Sprint(attr.Value.Any())
		if escaped := escape(text); escaped != text {
			attr.Value = slog.StringValue(escaped)
		}
		return attr
	}
}

// escape spells what doesn't show, or moves what stands beside it. The console's
// handler takes \x1b in a text, once quoted, for the byte that steers the
// terminal, so it must not be there either.
func escape(text string) string {
	var escaped strings.Builder
	for _, r := range strings.ReplaceAll(text, `\x1b`, "\x1b") {
		if !unprintable(r) || r == '\n' || r == '\t' {
			escaped.WriteRune(r)
		} else {
			fmt.Fprintf(&escaped, `\u%04x`, r)
		}
	}
	return escaped.String()
}

// escapeUnprintable writes what doesn't show, or moves what stands beside it, as
// JSON escapes: on a terminal a line would say something else than it does. Such
// characters can only stand in JSON's strings.
func escapeUnprintable(line []byte) []byte {
	text, _ := bytes.CutSuffix(line, []byte("\n"))
	if !bytes.ContainsFunc(text, unprintable) {
		return line
	}
	escaped := make([]byte, 0, len(line)+16)
	for _, r := range string(text) {
		switch {
		case !unprintable(r):
			escaped = utf8.AppendRune(escaped, r)
		case r > math.MaxUint16:
			high, low := utf16.EncodeRune(r)
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, high, low)
		default:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		}
	}
	return append(escaped, line[len(text):]...)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
