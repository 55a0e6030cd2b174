// Package completion knows how a command that is being typed may go on.
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
	// Choices returns the words that there are of a kind, which is the
	// "complete" tag of a flag or an argument. The commands themselves are of
	// the kind "command".
	Choices func(kind string) []string
}

// Complete returns a line that is finished as far as it can only go on in one
// way from pos, and the new pos. When nothing can be added, it returns the words
// that there are to choose from.
func (c Completer) Complete(line string, pos int) (completed string, at int, choices []string) {
	head, tail := line[:pos], line[pos:]
	last := strings.LastIndexAny(head, " \t") + 1 // where the last word begins
	words, begun := c.candidates(strings.Fields(head[:last]), head[last:])
	words = slices.DeleteFunc(words, func(w string) bool {
		return !strings.HasPrefix(w, begun) || strings.ContainsAny(w, " \t\"'\\#")
	})
	slices.Sort(words)
	words = slices.Compact(words)
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

// candidates returns the words that may stand after those before, and which
// part of one is there already.
func (c Completer) candidates(before []string, begun string) (words []string, part string) {
	if len(before) == 0 {
		return c.commandNames(), begun
	}
	command := c.command(before[0])
	if command == nil {
		return nil, begun
	}
	if name, value, isFlag := strings.Cut(begun, "="); isFlag {
		return c.values(flagOf(command, name), value)
	}
	if strings.HasPrefix(begun, "-") {
		return flagNames(command), begun
	}
	arguments := 0
	for i, word := range before[1:] {
		switch flag := flagOf(command, word); {
		case flag != nil && !flag.IsBool() && i == len(before)-2:
			return c.values(flag, begun)
		case flag != nil && !flag.IsBool():
			arguments-- // the next word is its value
		case !strings.HasPrefix(word, "-"):
			arguments++
		}
	}
	if arguments < 0 || arguments >= len(command.Positional) {
		return nil, begun
	}
	kind := command.Positional[arguments].Tag.Get("complete")
	if kind == "command" {
		return c.commandNames(), begun
	}
	return c.Choices(kind), begun
}

// values returns a flag's values. Several have commas between them.
func (c Completer) values(flag *kong.Flag, begun string) (words []string, part string) {
	if flag == nil {
		return nil, begun
	}
	return c.Choices(flag.Tag.Get("complete")), begun[strings.LastIndex(begun, ",")+1:]
}

func (c Completer) commandNames() []string {
	names := make([]string, len(c.Commands.Children))
	for i, child := range c.Commands.Children {
		names[i] = child.Name
	}
	return names
}

func (c Completer) command(name string) *kong.Node {
	for _, child := range c.Commands.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// flagNames returns the flags that work with a command.
func flagNames(command *kong.Node) []string {
	var names []string
	for _, group := range command.AllFlags(true) {
		for _, flag := range group {
			names = append(names, "--"+flag.Name)
		}
	}
	return names
}

func flagOf(command *kong.Node, word string) *kong.Flag {
	for _, group := range command.AllFlags(true) {
		for _, flag := range group {
			if word == "--"+flag.Name {
				return flag
			}
		}
	}
	return nil
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
