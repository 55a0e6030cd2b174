// Package completion knows how a command that is being typed may go on, at a
// prompt and in a shell.
package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A Completer completes lines that begin with one of some commands.
type Completer struct {
	// Commands is the node whose children are the commands.
	Commands *kong.Node
	// Choices returns the words that there are of a kind, which is the "complete"
	// tag of a flag or an argument. It gets the flags that were typed before, those
	// that the environment could set too: they say where to ask. The
	// commands themselves, of the kind "command", and files and directories ("file",
	// "dir") are none of its business.
	Choices func(kind string, flags []string) []string
}

// A Word is one that may stand at a place.
type Word struct {
	Text string
	// Help says what it is, or is empty.
	Help string
}

// Complete returns a line that is finished as far as it can only go on in one
// way from pos, and the new pos. When nothing can be added, it returns the words
// that there are to choose from.
func (c Completer) Complete(line string, pos int) (completed string, at int, choices []string) {
	head, tail := line[:pos], line[pos:]
	last := strings.LastIndexAny(head, " \t") + 1 // where the last word begins
	found, begun := c.next(walk(c.Commands, strings.Fields(head[:last])), head[last:])
	words := make([]string, 0, len(found))
	for _, word := range startingWith(begun, found) {
		if printable(word.Text) && !strings.ContainsAny(word.Text, " \"'\\#") {
			words = append(words, word.Text)
		}
	}
	switch {
	case len(words) == 0:
		return line, pos, nil
	case len(words) == 1:
		head += words[0][len(begun):] + " "
		return head + strings.TrimPrefix(tail, " "), len(head), nil
	}
	if shared := sharedPrefix(words); len(shared) > len(begun) {
		head += shared[len(begun):]
		return head + tail, len(head), nil
	}
	return line, pos, words
}

// startingWith returns the words that begin so, sorted, each once.
func startingWith(begun string, found []Word) []Word {
	found = slices.DeleteFunc(found, func(w Word) bool { return !strings.HasPrefix(w.Text, begun) })
	slices.SortStableFunc(found, func(a, b Word) int { return strings.Compare(a.Text, b.Text) })
	return slices.CompactFunc(found, func(a, b Word) bool { return a.Text == b.Text })
}

func sharedPrefix(words []string) string {
	shared := words[0]
	for _, word := range words[1:] {
		for !strings.HasPrefix(word, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	return shared
}
