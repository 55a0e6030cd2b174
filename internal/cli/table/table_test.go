package table_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

func TestTable(t *testing.T) {
	var printed bytes.Buffer
	rows := table.New(&printed)
	rows.Row("NAME", "CALLS")
	rows.Row("add", 12)
	rows.Row("clear\x1b[2Jthe\nscreen", 3)
	rows.Below("a note\r")
	if err := rows.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = "NAME                    CALLS\nadd                     12\nclear\\x1b[2Jthe screen  3\na note \n"
	if got := printed.String(); got != want {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestJSON(t *testing.T) {
	var printed bytes.Buffer
	if err := table.JSON(&printed, map[string]string{"a": "<b>"}); err != nil || printed.String() != `{"a":"<b>"}`+"\n" {
		t.Errorf("got %q, %v", &printed, err)
	}
}

func TestUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 1234: "1.23µs", 12345: "12.3µs", 123456: "123µs", 999_900_000: "1s", 1500 * time.Millisecond: "1.5s",
		59_999 * time.Millisecond: "1m0s", 61 * time.Second: "1m1s", 3*time.Hour + 5*time.Minute + 9*time.Second: "3h5m", 50 * time.Hour: "2d2h",
	} {
		if got := table.Duration(d); got != want {
			t.Errorf("%d ns: got %s, want %s", d, got, want)
		}
	}
	for n, want := range map[uint64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.00 KiB", 10 << 10: "10.0 KiB", 1023 << 10: "1.00 MiB", 100 << 20: "100 MiB",
		1<<30 + 1<<29: "1.50 GiB", 1<<64 - 1: "16.0 EiB",
	} {
		if got := table.Size(n); got != want {
			t.Errorf("%d bytes: got %s, want %s", n, got, want)
		}
	}
	moment := time.Date(2026, 1, 2, 3, 4, 5, 6, time.Local)
	if got := table.Time(moment) + table.Time(time.Time{}); got != "2026-01-02 03:04:05-" {
		t.Errorf("got %s", got)
	}
}

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		"größer ❤ 数":        "größer ❤ 数",
		"two\nlines\tmore":  "two lines more",
		"\x1b[2J":           `\x1b[2J`,
		"abc\u202edef":      `abc\u202edef`,
		"a\xffb":            `a\xffb`,
		"a\u200bb\u2066c\a": `a\u200bb\u2066c\a`,
	} {
		if got := table.Line(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestID(t *testing.T) {
	for id, want := range map[string]string{
		"019aebc0-0000-7000": "019aebc0-0000-7000",
		"größer":             "größer",
		"":                   `""`,
		"two words":          `"two words"`,
		"good\u202e":         `"good\u202e"`,
		"good\\u202e":        `"good\\u202e"`,
		`"good"`:             `"\"good\""`,
		"good\u00a0":         `"good\u00a0"`,
		"good\x1b[0m":        `"good\x1b[0m"`,
	} {
		if got := table.ID(id); got != want {
			t.Errorf("%q: got %s, want %s", id, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("ä", 101)
	if got := table.Shorten(long); got != long[:200]+"…" {
		t.Errorf("got %s", got)
	}
	if got := table.Shorten(long[:200]); got != long[:200] {
		t.Errorf("got %s", got)
	}
}

// FuzzID: no two ids look alike, and none steers a terminal.
func FuzzID(f *testing.F) {
	f.Add("good", "good\u202e")
	f.Add(`"a"`, "a")
	f.Add("a\xff", `a\xff`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if a != b && table.ID(a) == table.ID(b) {
			t.Errorf("%q and %q are both shown as %s", a, b, table.ID(a))
		}
		for _, shown := range []string{table.ID(a), table.Line(a)} {
			for _, r := range shown {
				if !unicode.IsPrint(r) {
					t.Errorf("%q is shown with %U", a, r)
				}
			}
		}
	})
}
