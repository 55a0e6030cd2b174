package jsontext_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
)

// FuzzCheck holds Check against encoding/json, and reads what both accept.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		`{"a": [1, -2.5e+3, true, false, null, "\u00e9\ud83d\ude00\n"], "@type": "x"}`, `[]`, `{}`, ` "s" `, `01`, `[1,]`, `{"a"}`, `"\ud800"`, "\"\x01\"",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const depth = 50
		text, err := jsontext.Check(b, depth)
		valid := json.Valid(b)
		if err == nil && !valid {
			t.Fatalf("%q was accepted", b)
		}
		if err != nil && valid && !stricter(err) {
			t.Fatalf("%q: %v", b, err)
		}
		if err == nil {
			cursor := text.Cursor()
			cursor.Skip()
			if rest := strings.TrimSpace(string(b[cursor.Offset():])); rest != "" {
				t.Fatalf("%q: skipping left %q", b, rest)
			}
		}
	})
}

// stricter tells whether Check refuses something that encoding/json lets pass.
func stricter(err error) bool {
	for _, reason := range []string{"UTF-8", "surrogate", "nest too deep", "a second @type"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

func TestSyntaxErrorsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		``:                                  "byte 0: it ends before the value does",
		`{"a" 1}`:                           "byte 5: want ':' after a key",
		`{a: 1}`:                            "byte 1: want a key in quotes",
		`[1 2]`:                             "byte 3: want ',' or ']'",
		`[1] 2`:                             "byte 4: something follows the value",
		`"a`:                                "byte 2: it ends inside a string",
		`-`:                                 "byte 1: want a digit",
		`nil`:                               "byte 0: no value begins like this",
		"\"\xff\"":                          "byte 1: a string is not valid UTF-8",
		`"\x"`:                              "byte 1: an escape that JSON does not have",
		`[[[1]]]`:                           "byte 2: lists and objects nest too deep",
		`{"@type": "a", "\u0040type": "b"}`: "a second @type",
	} {
		if _, err := jsontext.Check([]byte(text), 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestTypesAreFoundWhereverTheyStand(t *testing.T) {
	text, err := jsontext.Check([]byte(`[{"v": [{"@type": "inner"}, {}], "@type": "outer"}, {"@type": 5}]`), 10)
	if err != nil {
		t.Fatal(err)
	}
	cursor := text.Cursor()
	check := func(want string) {
		t.Helper()
		if got, ok := cursor.Type(); got != want || ok != (want != "") {
			t.Errorf("got %q, %v, want %q", got, ok, want)
		}
	}
	cursor.Enter()
	cursor.More()
	check("outer")
	cursor.Enter()
	cursor.More()
	if key := cursor.Key(); key != "v" {
		t.Errorf("got key %q", key)
	}
	cursor.Enter()
	cursor.More()
	check("inner")
	cursor.Skip()
	cursor.More()
	check("")
	cursor.Skip()
	for cursor.More() { // to the end of "v"
		t.Error("another element")
	}
	cursor.More()
	cursor.Key()
	if s := cursor.String(); s != "outer" {
		t.Errorf("got %q", s)
	}
	cursor.More() // out of the first object
	cursor.More()
	check("")
}

func TestIntegersAreReadHoweverWritten(t *testing.T) {
	for text, want := range map[string]int64{"5": 5, "5.0": 5, "50e-1": 5, "0.5e1": 5, "-0": 0, "1E3": 1000, "-9223372036854775808": -1 << 63, "0e99999": 0} {
		if got, ok := jsontext.ParseInt(text, 64); !ok || got != want {
			t.Errorf("%s: got %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"1.5", "1e-1", "9223372036854775808", "1e99999999999", "-1e19"} {
		if got, ok := jsontext.ParseInt(text, 64); ok {
			t.Errorf("%s: got %d", text, got)
		}
	}
	if _, ok := jsontext.ParseUint("-1", 64); ok {
		t.Error("-1 was taken for a number without a sign")
	}
	if got, ok := jsontext.ParseUint("1.8446744073709551615e19", 64); !ok || got != 1<<64-1 {
		t.Errorf("the largest: got %d, %v", got, ok)
	}
}
