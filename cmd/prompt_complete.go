package cmd

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

// A completer knows how a line may go on.
type completer struct {
	// choices returns the words that there are of a kind, which is the
	// "complete" tag of a flag or an argument.
	choices func(kind string) []string
}

// complete returns a line that is finished as far as it can only go on in one
// way from pos, and the new pos. When nothing can be added, it returns the words
// that there are to choose from.
func (c completer) complete(line string, pos int) (completed string, at int, choices []string) {
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
func (c completer) candidates(before []string, begun string) (words []string, part string) {
	root := newLineParser(&output{stdout: io.Discard, stderr: io.Discard}, new(lineVerbs)).Model.Node
	if len(before) == 0 {
		return commandNames(root), begun
	}
	command := childOf(root, before[0])
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
		return commandNames(root), begun
	}
	return c.choices(kind), begun
}

// values returns a flag's values. Several have commas between them.
func (c completer) values(flag *kong.Flag, begun string) (words []string, part string) {
	if flag == nil {
		return nil, begun
	}
	return c.choices(flag.Tag.Get("complete")), begun[strings.LastIndex(begun, ",")+1:]
}

func commandNames(root *kong.Node) []string {
	return reports(root.Children, func(child *kong.Node) string { return child.Name })
}

func childOf(root *kong.Node, name string) *kong.Node {
	for _, child := range root.Children {
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

const (
	// completionTime is how long the server may take to tell names.
	completionTime = 2 * time.Second
	// completedIDs is how many executions' ids are offered.
	completedIDs = 200
)

// choices asks the server for names. What can't be had is not offered.
func (s *adminSession) choices(kind string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), completionTime)
	defer cancel()
	switch kind {
	case "plugin":
		plugins, _ := s.client.Plugins(ctx)
		return reports(plugins, func(p admin.Plugin) string { return p.Name })
	case "task":
		tasks, _ := s.client.Tasks(ctx, "")
		return reports(tasks, func(t admin.Task) string { return t.Name })
	case "execution":
		alive := admin.Filter{States: []string{"pending", "running"}, Limit: completedIDs}
		list, _, _ := s.client.Executions(ctx, alive)
		return reports(list, func(x admin.Execution) string { return x.ID })
	case "state":
		return admin.ExecutionStates()
	case "event":
		return admin.EventKinds()
	case "level":
		return []string{"debug", "info", "warn", "error"}
	default:
		return nil
	}
}
