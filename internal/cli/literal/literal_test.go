package literal

import (
	"encoding/json"
	"io/fs"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// files is a reader's view of the disk, and of standard input.
func files(content map[string]string) reader {
	return reader{
		stdin: strings.NewReader("typed in"),
		readFile: func(name string) ([]byte, error) {
			if text, ok := content[name]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]task.Value{
		"5": task.Int32(5), "-5": task.Int32(-5), "0": task.Int32(0), "-0": task.Int32(0),
		"2147483647": task.Int32(math.MaxInt32), "-2147483648": task.Int32(math.MinInt32),
		"2147483648": task.Int64(math.MaxInt32 + 1), "-2147483649": task.Int64(math.MinInt32 - 1),
		"9223372036854775807": task.Int64(math.MaxInt64), "-9223372036854775808": task.Int64(math.MinInt64),
		"9223372036854775808": task.Uint64(math.MaxInt64 + 1), "18446744073709551615": task.Uint64(math.MaxUint64),
		"1.5": task.Double(1.5), "-1.0": task.Double(-1), "1e3": task.Double(1000), "1E-2": task.Double(0.01),
		"true": task.Bool(true), "false": task.Bool(false),

		// A word that is not a number in JSON is not one here.
		"": task.String(""), "007": task.String("007"), "+5": task.String("+5"), ".5": task.String(".5"),
		"5.": task.String("5."), "0x10": task.String("0x10"), "1_000": task.String("1_000"), "5 ": task.String("5 "),
		"True": task.String("True"), "null": task.String("null"), "a,b": task.String("a,b"),
		"https://example.org": task.String("https://example.org"), "I32:5": task.String("I32:5"), "ä": task.String("ä"),

		"i32:-5": task.Int32(-5), "i64:5": task.Int64(5), "u32:4294967295": task.Uint32(math.MaxUint32),
		"u64:18446744073709551615": task.Uint64(math.MaxUint64), "f32:1.5": task.Float(1.5), "f64:2": task.Double(2),
		"f64:NaN": task.Double(math.NaN()), "f64:-Inf": task.Double(math.Inf(-1)),
		"bool:true": task.Bool(true), "bool:false": task.Bool(false),
		"str:5": task.String("5"), "str:": task.String(""), "str:i32:5": task.String("i32:5"), "str:[": task.String("["),
		"bytes:text": task.Bytes([]byte("text")), "bytes:": task.Bytes(nil), "bytes:\xff": task.Bytes([]byte{0xff}),
		"bytes:@some.bin": task.Bytes([]byte("\xfe\x00")), "bytes:@-": task.Bytes([]byte("typed in")),
		"b64:aGk=": task.Bytes([]byte("hi")), "b64:": task.Bytes(nil),

		"[]": task.ListOf(), "{}": task.MapOf(nil),
		`[1, 2.5, true, "a", "i64:7", "str:i64:7", "5", 3000000000, [ ], {"k": "bytes:@some.bin"}]`: task.ListOf(
			task.Int32(1), task.Double(2.5), task.Bool(true), task.String("a"), task.Int64(7), task.String("i64:7"),
			task.String("5"), task.Int64(3000000000), task.ListOf(),
			task.MapOf(map[string]task.Value{"k": task.Bytes([]byte("\xfe\x00"))})),
		`{"i32:key": 9007199254740993, "ü": "\ud83d\ude00", "r": "\ufffd"}`: task.MapOf(map[string]task.Value{
			"i32:key": task.Int64(9007199254740993), "ü": task.String("😀"), "r": task.String("\ufffd"),
		}),
	} {
		got, err := files(map[string]string{"some.bin": "\xfe\x00"}).word(word)
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		if !same(got, want) {
			t.Errorf("%s: got %v %v, want %v %v", word, got.Kind(), got, want.Kind(), want)
		}
	}
}

// same says whether two values are the same on the wire.
func same(a, b task.Value) bool {
	if fields, ok := a.Map(); ok { // whose order is left to chance
		others, _ := b.Map()
		for key, v := range fields {
			if !same(v, others[key]) {
				return false
			}
		}
		return b.Kind() == task.KindMap && len(fields) == len(others)
	}
	if items, ok := a.List(); ok {
		others, _ := b.List()
		for i, v := range items {
			if i >= len(others) || !same(v, others[i]) {
				return false
			}
		}
		return b.Kind() == task.KindList && len(items) == len(others)
	}
	typeA, bytesA, errA := wire.Encode(a)
	typeB, bytesB, errB := wire.Encode(b)
	return errA == nil && errB == nil && typeA == typeB && string(bytesA) == string(bytesB)
}

func TestLiteralsThatAreRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", task.MaxDepth+1) + strings.Repeat("]", task.MaxDepth+1)
	for word, want := range map[string]string{
		"i32:99999999999":           "i32:99999999999: out of range",
		"i32:2147483648":            "out of range",
		"i64:9223372036854775808":   "out of range",
		"u32:4294967296":            "out of range",
		"u32:-1":                    "out of range",
		"u64:18446744073709551616":  "out of range",
		"f32:1e39":                  "out of range",
		"f64:1e309":                 "out of range",
		"1e309":                     "1e309: out of range",
		"18446744073709551616":      "18446744073709551616: out of range",
		"-9223372036854775809":      "out of range",
		"i32:":                      "not a number",
		"i32:1.5":                   "not a number",
		"i64:five":                  "not a number",
		"u32:x":                     "not a number",
		"f64:1,5":                   "not a number",
		"bool:1":                    "want bool:true or bool:false",
		"b64:a":                     "not base64",
		"bytes:@missing":            "bytes:@missing: file does not exist",
		"str:\xff":                  `"str:\xff": not valid UTF-8`,
		"\xff":                      "not valid UTF-8",
		"[\"\xff\"]":                "not valid UTF-8",
		"[":                         "ends too early",
		"[1":                        "ends too early",
		`{"a"`:                      "ends too early",
		`["a`:                       "ends too early",
		"[1,]":                      "not JSON at character",
		"[01]":                      "not JSON at character",
		"[a]":                       "not JSON at character",
		"{1:2}":                     "not JSON at character",
		`{"a":1,}`:                  "not JSON at character",
		"[1}":                       "not JSON at character",
		"[1][2]":                    "more text after the end",
		"[1] x":                     "more text after the end",
		"[null]":                    "null is not a type",
		`{"a":null}`:                "null is not a type",
		`{"a":1,"a":2}`:             `key "a" comes twice`,
		`{"a":1,"\u0061":2}`:        `key "a" comes twice`,
		`["\ud800"]`:                "half a surrogate pair",
		`["i32:x"]`:                 "i32:x: not a number",
		"[99999999999999999999]":    "99999999999999999999: out of range",
		"[1e999]":                   "out of range",
		`[1, "i32:99999999999"]`:    "i32:99999999999: out of range",
		deep:                        "more than 100 lists and maps",
		strings.Repeat("[", 100000): "more than 100 lists and maps",
	} {
		v, err := files(nil).word(word)
		switch {
		case err == nil:
			t.Errorf("%.60s: got %v, want an error with %q", word, v, want)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%.60s: error %q does not contain %q", word, err, want)
		case len(err.Error()) > 300 || strings.Contains(err.Error(), "\n") || !utf8.ValidString(err.Error()):
			t.Errorf("%.60s: error %q is no readable line", word, err)
		}
	}
}

func TestArgumentErrorsNameTheArgument(t *testing.T) {
	t.Parallel()
	_, err := Parse([]string{"1", "i32:99999999999"}, nil)
	if err == nil || err.Error() != "argument 2: i32:99999999999: out of range" {
		t.Errorf("got %v, want an error for argument 2", err)
	}
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Whatever is accepted can be sent to the server, and means what it says.
func FuzzLiteral(f *testing.F) {
	for _, word := range []string{
		"", "5", "-5", "1.5", "1e3", "-0", "99999999999999999999", "true", "text", "i32:5", "i64:-5", "u32:5", "u64:5",
		"f32:1.5", "f64:NaN", "bool:true", "str:5", "bytes:@file", "bytes:@-", "b64:aGk=", "\xff", "bytes:\xff",
		`[1, 2.5, "i64:7", {"a": [true, "str:x"]}]`, `{"a":1,"a":2}`, `["\ud800"]`, "[1,]", "[null]", "[1] 2",
		strings.Repeat("[", 101), strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		v, err := files(map[string]string{"file": "content"}).word(word)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("%q: error %q is no plain line", word, err)
			}
			return
		}
		if _, _, err := wire.Encode(v); err != nil {
			t.Errorf("%q: %v can't be sent: %v", word, v, err)
		}
		if (v.Kind() == task.KindList || v.Kind() == task.KindMap) && !json.Valid([]byte(word)) {
			t.Errorf("%q is no JSON, but is read as %v", word, v)
		}
		if wholeNumber.MatchString(word) && word != "-0" && word != v.String() {
			t.Errorf("%q is read as %v", word, v)
		}
	})
}
