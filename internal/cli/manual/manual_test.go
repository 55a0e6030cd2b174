package manual_test

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/manual"
)

// explained is a command with all that a page has a place for.
type explained struct {
	Name string `arg:"" help:"'Who' it is."`
	Loud bool   `group:"Noise:" short:"l" help:"Say \\fBmore\\fP."`
	Dry  bool   `negatable:"" default:"true" env:"DRY"`
}

func (explained) Help() string {
	return "It does\nthis.\n\n.It does that.\n\nExamples:\n\n    prog greet -l\n\nExit codes: 0 well, 1 not."
}

func TestPages(t *testing.T) {
	t.Parallel()
	app := kong.Must(&struct {
		Greet explained `cmd:"" help:"Greet someone."`
		Inner struct {
			Leave struct{} `cmd:"" aliases:"quit" help:"Leave."`
		} `cmd:"" help:"More."`
		Secret struct{} `cmd:"" hidden:""`
	}{}, kong.Name("prog"), kong.Description("A program.\n\nIt does things.")).Model
	texts := make(map[string]string)
	for _, page := range manual.Pages(app, "v1", "2026-01-02") {
		texts[page.File] = string(page.Text)
	}
	if len(texts) != 4 {
		t.Fatalf("got %d pages", len(texts))
	}
	for file, parts := range map[string][]string{
		"prog.1": {
			`.TH "PROG" 1 "2026\-01\-02" "prog v1"`, "prog \\- a program\n", "A program.\n.PP\nIt does things.\n",
			".TP\n.B greet\nGreet someone.\n", "prog\\-greet(1), prog\\-inner(1)",
		},
		"prog-greet.1": {
			"prog\\-greet \\- greet someone\n", ".B prog greet <name> [flags]\n", "Greet someone.\n.PP\nIt does this.\n.PP\n\\&.It does that.\n",
			".SH \"ARGUMENTS\"\n.TP\n.B <name>\n\\(aqWho\\(aq it is.\n", ".SS \"Noise\"\n.TP\n.B \\-l, \\-\\-loud\nSay \\efBmore\\efP.\n",
			".B \\-\\-[no\\-]dry\n($DRY)\n", ".SH \"EXIT STATUS\"\n.PP\n0 well, 1 not.\n",
			".SH \"EXAMPLES\"\n.PP\n.RS 4\n.nf\nprog greet \\-l\n.fi\n.RE\n", ".SH \"SEE ALSO\"\nprog(1)\n",
		},
		"prog-inner.1":       {".B leave, quit\nLeave.\n"},
		"prog-inner-leave.1": {"prog\\-inner(1)"},
	} {
		for _, part := range parts {
			if !strings.Contains(texts[file], part) {
				t.Errorf("%s lacks\n%s\nin\n%s", file, part, texts[file])
			}
		}
		if strings.Contains(texts[file], "secret") {
			t.Errorf("%s shows what is hidden", file)
		}
	}
}
