package completion

import (
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/cli/words"
)

//go:embed bash.sh
var bashScript string

//go:embed zsh.sh
var zshScript string

//go:embed fish.fish
var fishScript string

var notInNames = regexp.MustCompile(`\W`)

// Script returns what has a shell, which is bash, zsh or fish, complete the command lines of a program. It runs
// the program's command "complete" with what [Completer.Answer] takes.
func Script(shell, program string) string {
	text := map[string]string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[shell]
	return strings.NewReplacer("PROGRAM", program, "FUNCTION", "_"+notInNames.ReplaceAllString(program, "_")).Replace(text)
}

// Answer writes for a shell's script which words may come next. The first line
// says what follows: "words", each with its help behind a tab; or that the shell
// itself knows best, which "files" or "dirs" there are.
//
// Typed is the words behind the program's name, the last one being that at the
// cursor, which may be empty. Of bash it is the characters that part words for it,
// and the line up to the cursor.
func (c Completer) Answer(w io.Writer, shell string, typed []string) error {
	breaks := ""
	if shell == "bash" && len(typed) == 2 {
		breaks = typed[0]
		before, begun := words.Begun(typed[1])
		typed = append(before, begun)[1:]
	}
	if len(typed) == 0 {
		return nil
	}
	before, begun := typed[:len(typed)-1], typed[len(typed)-1]
	p := walk(c.Commands, before)
	if kind := p.shellKind(begun); kind != "" {
		_, err := fmt.Fprintln(w, kind+"s")
		return err
	}
	found, part := c.next(p, begun)
	kept := begun[:len(begun)-len(part)] // of --flag=a,b what stays as it is
	var text strings.Builder
	text.WriteString("words\n")
	for _, word := range startingWith(part, found) {
		if !printable(word.Text) {
			continue
		}
		text.WriteString(shown(shell, kept+word.Text, breaks, begun))
		text.WriteString("\t" + firstSentence(word.Help) + "\n")
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// shown returns a word as a shell wants it. Bash replaces only what is behind the
// last character that parts words for it, and, other than the others, puts in what
// it is given as it is: clients and plugins choose names, and those must not
// become commands.
func shown(shell, word, breaks, begun string) string {
	if shell != "bash" {
		return word
	}
	return escaped(word[strings.LastIndexAny(begun, breaks)+1:])
}

// unquoted are the characters besides letters and digits that mean nothing to bash.
const unquoted = "-_./,:=+@%"

func escaped(word string) string {
	var text strings.Builder
	for _, r := range word {
		plain := r >= utf8.RuneSelf || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		if !plain && !strings.ContainsRune(unquoted, r) {
			text.WriteByte('\\')
		}
		text.WriteRune(r)
	}
	return text.String()
}

// printable tells whether a word shows as what it is, and can be typed: others are
// not offered.
func printable(word string) bool {
	return utf8.ValidString(word) && !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsPrint(r) })
}

// firstSentence is as much of a flag's help as stands beside it.
func firstSentence(help string) string {
	if i := strings.IndexAny(help, ".;(\n"); i > 0 {
		help = help[:i]
	}
	return strings.TrimSpace(help)
}
