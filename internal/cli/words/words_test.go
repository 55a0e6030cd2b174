package words

import (
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":                           nil,
		"  \t ":                      nil,
		"list":                       {"list"},
		" cancel  a\tb ":             {"cancel", "a", "b"},
		`cancel "a b" 'c "d' e\ f`:   {"cancel", "a b", `c "d`, "e f"},
		`cancel "" x'y'z`:            {"cancel", "", "xyz"},
		`cancel "a\"b" 'c\d'`:        {"cancel", `a"b`, `c\d`},
		"status # what is it":        {"status"},
		"# nothing":                  nil,
		"cancel a#b":                 {"cancel", "a#b"},
		"executions --method=größer": {"executions", "--method=größer"},
	} {
		if got, err := Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", line, got, err, want)
		}
	}
	for _, line := range []string{`"`, `a 'b`, `a\`, `a "b\"`} {
		if got, err := Split(line); err == nil {
			t.Errorf("%q: got %q, want an error", line, got)
		}
	}
}

func TestBegun(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{ // the last one is begun
		"":                {""},
		"run":             {"run"},
		"run ":            {"run", ""},
		"run a::b":        {"run", "a::b"},
		`run "a b`:        {"run", "a b"},
		`run a\`:          {"run", "a"},
		`run --config='x`: {"run", "--config=x"},
	} {
		got, begun := Begun(line)
		if got = append(got, begun); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(`cancel "a b" 'c' d\ e # f`)
	f.Add("\x80\"\\")
	f.Fuzz(func(t *testing.T, line string) {
		words, err := Split(line)
		if err != nil {
			return
		}
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		again, err := Split(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(again, words) {
			t.Errorf("%q is %q, and quoted %q, %v", line, words, again, err)
		}
	})
}
