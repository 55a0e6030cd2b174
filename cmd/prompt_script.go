package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readScript runs the commands on standard input, all of them. It returns how
// the program ends: as the first command did that failed.
func readScript(ctx context.Context, s *adminSession, signals *interrupts) error {
	source := scriptLines{bufio.NewReader(s.out.stdin)}
	var first *exitError
	for number := 1; !s.left; number++ {
		line, err := nextLine(ctx, source)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		err = runLine(ctx, s, signals, line)
		if err == nil {
			continue
		}
		fmt.Fprintf(s.out.stderr, "line %d: %v\n", number, err)
		if first == nil {
			first = &exitError{code: exitFailure, err: errors.New("")} // it has been told
			if exit, ok := errors.AsType[*exitError](err); ok {
				first.code = exit.code
			}
		}
	}
	if first == nil {
		return nil
	}
	return first
}

// scriptLines are those of a file or a pipe.
type scriptLines struct{ text *bufio.Reader }

func (l scriptLines) readLine() (string, error) {
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
