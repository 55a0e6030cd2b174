// Package words parts lines into words, as shells do.
package words

import (
	"errors"
	"strings"
)

var errQuotes = errors.New("a quotation mark is missing")

// Split parts a line: quotation marks, single or double, keep words together, a
// backslash takes the next character as it is, and a word that begins with #
// begins a comment.
func Split(line string) ([]string, error) {
	s := split(line)
	if s.quote != 0 || s.escaped {
		return nil, errQuotes
	}
	return s.words, nil
}

// Begun parts a line that is being typed: what is begun is the word that the
// cursor stands in or behind, or empty.
func Begun(line string) (before []string, begun string) {
	s := split(line)
	if !s.begun {
		return s.words, ""
	}
	last := len(s.words) - 1
	return s.words[:last], s.words[last]
}

// A splitter is where the parting of a line stands.
type splitter struct {
	words   []string
	word    strings.Builder
	begun   bool // the line's end is a word's, not behind one
	escaped bool
	quote   rune
}

func split(line string) *splitter {
	s := new(splitter)
	for _, r := range line {
		if r == '#' && !s.begun {
			return s
		}
		s.take(r)
	}
	if s.begun {
		s.words = append(s.words, s.word.String())
	}
	return s
}

func (s *splitter) take(r rune) {
	switch {
	case s.escaped:
		s.word.WriteRune(r)
		s.escaped = false
	case r == '\\' && s.quote != '\'':
		s.begun, s.escaped = true, true
	case s.quote != 0 && r == s.quote:
		s.quote = 0
	case s.quote != 0:
		s.word.WriteRune(r)
	case r == '\'' || r == '"':
		s.begun, s.quote = true, r
	case r == ' ' || r == '\t':
		if s.begun {
			s.words = append(s.words, s.word.String())
			s.word.Reset()
			s.begun = false
		}
	default:
		s.begun = true
		s.word.WriteRune(r)
	}
}
