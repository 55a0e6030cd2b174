package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/bench/internal/report"
)

func TestTable(t *testing.T) {
	table := report.NewTable("server", "tasks/s")
	table.Add("one", report.Rate(123_456))
	table.Add("another µ", report.Rate(9_876))
	const want = `| server    | tasks/s |
| --------- | ------: |
| one       |    123k |
| another µ |    9.9k |
`
	if got := table.String(); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestPictureIsXMLAndSaysEverything(t *testing.T) {
	picture := report.Bars{Title: "A & B", Groups: []report.Group{
		{Heading: "less < more", Bars: []report.Bar{{Name: "own", Says: "10/s", Length: 10, Ours: true}, {Name: "other", Says: "5/s", Length: 5}}},
		{Heading: "nothing"},
	}}
	drawn := picture.SVG()
	var said strings.Builder
	for decoder := xml.NewDecoder(strings.NewReader(drawn)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, drawn)
		}
		if text, ok := token.(xml.CharData); ok {
			said.Write(text)
		}
	}
	for _, want := range []string{"A & B", "less < more", "own", "10/s", "other", "5/s"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it does not say %q", want)
		}
	}
}

func TestReplaceKeepsTheRest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doc.md")
	const begin, end = "<!-- made by: cd bench && go run . -write calls -->\n", "<!-- end of calls -->\n"
	if err := os.WriteFile(file, []byte("before\n"+begin+"old\n"+end+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.Replace(file, "calls", "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "before\n" + begin + "\nnew\n\n" + end + "after\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	if err := report.Replace(file, "curves", "new\n"); err == nil {
		t.Error("a document without the place for it is not complained of")
	}
}
