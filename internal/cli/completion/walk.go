package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// A place is where the words that have been typed lead to.
type place struct {
	command   *kong.Node // the innermost one
	flag      *kong.Flag // the one whose value comes next, or nil
	arguments []string   // of the command
	settings  []string   // the flags that were typed, with their values, which the environment could set too
	flagsOver bool       // -- was typed
}

// walk follows words from a node on.
func walk(from *kong.Node, words []string) *place {
	p := &place{command: from}
	for _, word := range words {
		p.take(word)
	}
	return p
}

func (p *place) take(word string) {
	name, _, hasValue := strings.Cut(word, "=")
	switch {
	case p.flag != nil:
		p.set(p.flag, word)
		p.flag = nil
	case word == "--":
		p.flagsOver = true
	case strings.HasPrefix(word, "-") && !p.flagsOver:
		flag := p.flagNamed(name)
		if flag == nil {
			return // or a negative number
		}
		p.set(flag, word)
		if !hasValue && !flag.IsBool() {
			p.flag = flag
		}
	default:
		if child := childNamed(p.command, word); child != nil && len(p.arguments) == 0 {
			p.command = child
		} else {
			p.arguments = append(p.arguments, word)
		}
	}
}

func (p *place) set(flag *kong.Flag, word string) {
	if len(flag.Envs) > 0 {
		p.settings = append(p.settings, word)
	}
}

// nextValue returns the flag or the argument that comes next, or is begun; nil
// when it is a flag's name or a command.
func (p *place) nextValue(begun string) *kong.Value {
	name, _, hasValue := strings.Cut(begun, "=")
	switch {
	case p.flag != nil:
		return p.flag.Value
	case strings.HasPrefix(begun, "-") && !p.flagsOver:
		if flag := p.flagNamed(name); flag != nil && hasValue {
			return flag.Value
		}
		return nil
	case len(p.arguments) == 0 && len(p.command.Children) > 0:
		return nil
	}
	at, last := len(p.arguments), len(p.command.Positional)-1
	if at > last && last >= 0 && p.command.Positional[last].IsCumulative() {
		at = last
	}
	if at > last {
		return nil
	}
	return p.command.Positional[at]
}

// next returns the words that may come next, and which part of one is there already.
func (c Completer) next(p *place, begun string) (found []Word, part string) {
	value := p.nextValue(begun)
	isFlag := p.flag == nil && strings.HasPrefix(begun, "-") && !p.flagsOver
	switch {
	case value != nil && isFlag:
		return c.values(p, value, begun[strings.Index(begun, "=")+1:])
	case value != nil:
		return c.values(p, value, begun)
	case isFlag && !strings.Contains(begun, "="):
		return p.flagWords(), begun
	case !isFlag && len(p.arguments) == 0:
		return commandWords(p.command), begun
	default:
		return nil, begun
	}
}

// values returns what a flag or an argument may be. Several have commas between them.
func (c Completer) values(p *place, value *kong.Value, begun string) (found []Word, part string) {
	if value.Flag != nil {
		begun = begun[strings.LastIndex(begun, ",")+1:]
	}
	kind := kindOf(value)
	switch {
	case kind == "command":
		return commandWords(walk(c.Commands, p.arguments).command), begun
	case kind != "":
		found = wordsOf(c.Choices(kind, p.settings))
		if value.Flag == nil && !p.flagsOver { // an id that begins so would be a flag here
			found = slices.DeleteFunc(found, func(w Word) bool { return strings.HasPrefix(w.Text, "-") })
		}
		return found, begun
	case value.Enum != "":
		return wordsOf(value.EnumSlice()), begun
	default:
		return nil, begun
	}
}

// The kinds of words that a shell knows best.
const (
	files   = "file"
	folders = "dir"
)

// kindOf returns what kind of words a value has. What is shown as FILE or DIR is one.
func kindOf(value *kong.Value) string {
	kind := value.Tag.Get("complete")
	if kind == "" && value.Flag != nil {
		kind = map[string]string{"FILE": files, "DIR": folders}[value.Flag.PlaceHolder]
	}
	return kind
}

// shellKind returns the kind of what comes next, if a shell knows it best.
func (p *place) shellKind(begun string) string {
	value := p.nextValue(begun)
	if value == nil {
		return ""
	}
	if kind := kindOf(value); kind == files || kind == folders {
		return kind
	}
	return ""
}

// flagNamed returns the flag that works at p, by --name or -n, or nil.
func (p *place) flagNamed(word string) *kong.Flag {
	for flag := range p.flags {
		if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
			return flag
		}
	}
	return nil
}

// flags goes over the flags that work at p, those of the command that is the default included.
func (p *place) flags(yield func(*kong.Flag) bool) {
	groups := p.command.AllFlags(true)
	if p.command.DefaultCmd != nil {
		groups = append(groups, p.command.DefaultCmd.Flags)
	}
	for _, flag := range slices.Concat(groups...) {
		if !flag.Hidden && !yield(flag) {
			return
		}
	}
}

// flagWords returns the flags that work at p.
func (p *place) flagWords() []Word {
	var found []Word
	for flag := range p.flags {
		found = append(found, Word{"--" + flag.Name, flag.Help})
		if flag.Tag.Negatable != "" {
			found = append(found, Word{"--no-" + flag.Name, "Not so: " + flag.Help})
		}
	}
	return found
}

// commandWords returns the commands below a node.
func commandWords(node *kong.Node) []Word {
	var found []Word
	for _, child := range node.Children {
		if !child.Hidden {
			found = append(found, Word{child.Name, child.Help})
		}
	}
	return found
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

func wordsOf(texts []string) []Word {
	found := make([]Word, len(texts))
	for i, text := range texts {
		found[i].Text = text
	}
	return found
}
