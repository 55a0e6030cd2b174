package manual

import (
	"bytes"
	"fmt"
	"go/doc/comment"
	"strings"
)

// roff is a page that is being written.
type roff struct{ text bytes.Buffer }

func (r *roff) bytes() []byte { return r.text.Bytes() }

// title begins the page. Words are not parted at a line's end: most that are long
// enough are names.
func (r *roff) title(name, date, source string) {
	fmt.Fprintf(&r.text, ".TH %s 1 %s %s\n.nh\n", quoted(strings.ToUpper(name)), quoted(date), quoted(source))
}

func (r *roff) section(title string)    { fmt.Fprintf(&r.text, ".SH %s\n", quoted(title)) }
func (r *roff) subsection(title string) { fmt.Fprintf(&r.text, ".SS %s\n", quoted(title)) }
func (r *roff) bold(text string)        { fmt.Fprintf(&r.text, ".B %s\n", escaped(text)) }

// line writes text that is filled like a paragraph's.
func (r *roff) line(text string) { r.text.WriteString(escaped(text) + "\n") }

// item writes what is explained, and the explanation beside or below it.
func (r *roff) item(name, text string) {
	fmt.Fprintf(&r.text, ".TP\n.B %s\n", escaped(name))
	r.line(strings.TrimSpace(text))
}

// blocks writes paragraphs, and code as it is.
func (r *roff) blocks(blocks []comment.Block) {
	for _, block := range blocks {
		switch block := block.(type) {
		case *comment.Code:
			r.text.WriteString(".PP\n.RS 4\n.nf\n")
			for line := range strings.Lines(strings.TrimRight(block.Text, "\n")) {
				r.line(strings.TrimRight(line, "\n"))
			}
			r.text.WriteString(".fi\n.RE\n")
		default:
			r.text.WriteString(".PP\n")
			r.line(plain(block))
		}
	}
}

// A part of a command's help has a section of its own.
type part struct {
	title  string
	blocks []comment.Block
}

// codesBegin is what a paragraph on exit codes begins with.
const codesBegin = "Exit codes: "

// parts returns a command's help in paragraphs, and what of it goes to the page's
// end: examples, and what the exit codes mean.
func parts(text string) (description []comment.Block, later []part) {
	examples, codes := part{title: "EXAMPLES"}, part{title: "EXIT STATUS"}
	to := &description
	for _, block := range new(comment.Parser).Parse(text).Content {
		words := plain(block)
		_, isCode := block.(*comment.Code)
		switch {
		case words == "Example:" || words == "Examples:":
			to = &examples.blocks
			continue
		case strings.HasPrefix(words, codesBegin):
			meaning := comment.Plain(strings.TrimPrefix(words, codesBegin))
			codes.blocks = append(codes.blocks, &comment.Paragraph{Text: []comment.Text{meaning}})
			continue
		case !isCode: // an example is code alone
			to = &description
		}
		*to = append(*to, block)
	}
	for _, p := range []part{codes, examples} {
		if len(p.blocks) > 0 {
			later = append(later, p)
		}
	}
	return description, later
}

// plain returns a block's words.
func plain(block comment.Block) string {
	text := new(comment.Printer).Text(&comment.Doc{Content: []comment.Block{block}})
	return strings.Join(strings.Fields(string(text)), " ")
}

var escapes = strings.NewReplacer( //nolint:gochecknoglobals // only read
	`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// escaped returns text without anything that roff takes for its own.
func escaped(text string) string {
	text = escapes.Replace(text)
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

func quoted(text string) string { return `"` + strings.ReplaceAll(escaped(text), `"`, `\(dq`) + `"` }
