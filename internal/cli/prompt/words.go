package prompt

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// A script is the lines of a file or a pipe.
type script struct{ text *bufio.Reader }

func newScript(from io.Reader) script { return script{bufio.NewReader(from)} }

func (l script) readLine() (string, error) {
	line, err := l.text.ReadString('\n')
	if line != "" { // the last one may lack its end
		return strings.TrimRight(line, "\r\n"), nil
	}
	return "", err
}

var errQuotes = errors.New("a quotation mark is missing")

// splitWords parts a line as shells do: quotation marks, single or double, keep
// words together, a backslash takes the next character as it is, and a word
// that begins with # begins a comment.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	begun, escaped, quote := false, false, rune(0)
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			begun, quote = true, r
		case r == '#' && !begun:
			return words, nil
		case r == ' ' || r == '\t':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, errQuotes
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}
