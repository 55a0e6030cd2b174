package signature

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

// Parse reads a signature. An error says at which byte it is malformed, counted
// from 1.
func Parse(text string) (*Signature, error) {
	p := parser{text: text}
	if len(text) > MaxBytes {
		return nil, p.errorAt(MaxBytes, "a signature has at most %d bytes, this one %d", MaxBytes, len(text))
	}
	s, err := p.signature()
	if err != nil {
		return nil, err
	}
	s.text = s.written()
	return s, nil
}

// kinds are the types that are one word.
var kinds = func() map[string]task.Kind { //nolint:gochecknoglobals // a table that Go has no constant syntax for
	words := make(map[string]task.Kind)
	for kind := task.KindNull; kind <= task.KindMap; kind++ {
		words[kind.String()] = kind
	}
	return words
}()

type parser struct {
	text   string
	at     int
	levels int // how many lists and maps are open
}

func (p *parser) errorAt(at int, format string, args ...any) error {
	return fmt.Errorf("byte %d: %s", at+1, fmt.Sprintf(format, args...))
}

// want is the error that something else is next.
func (p *parser) want(what string) error {
	if p.at == len(p.text) {
		return p.errorAt(p.at, "want %s, but it ends", what)
	}
	_, size := utf8.DecodeRuneInString(p.text[p.at:])
	return p.errorAt(p.at, "want %s, not %q", what, p.text[p.at:p.at+size])
}

// next skips blanks and takes token, if that is next.
func (p *parser) next(token string) bool {
	p.blanks()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// word takes a name, or nothing.
func (p *parser) word() string {
	p.blanks()
	start := p.at
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', p.at > start && '0' <= c && c <= '9':
			p.at++
		default:
			return p.text[start:p.at]
		}
	}
	return p.text[start:]
}

func (p *parser) signature() (*Signature, error) {
	s := &Signature{}
	if !p.next("(") {
		return nil, p.want(`"("`)
	}
	if !p.next(")") {
		if err := p.parameters(s); err != nil {
			return nil, err
		}
	}
	if !p.next("->") {
		return nil, p.want(`"->"`)
	}
	var err error
	if s.Result, err = p.typ(); err != nil {
		return nil, err
	}
	if p.blanks(); p.at < len(p.text) {
		return nil, p.want("the end")
	}
	return s, nil
}

// parameters reads them and the parenthesis behind them.
func (p *parser) parameters(s *Signature) error {
	names := make(map[string]bool)
	for {
		p.blanks()
		start := p.at
		parameter, err := p.parameter()
		switch {
		case err != nil:
			return err
		case s.variadic:
			return p.errorAt(start, `a parameter behind one with "..."`)
		case parameter.Name != "" && names[parameter.Name]:
			return p.errorAt(start, "two parameters are called %s", parameter.Name)
		case parameter.Variadic:
			s.variadic = true
		case !parameter.Optional && s.required < len(s.Parameters):
			return p.errorAt(start, "a parameter that must be there, behind one that may be left out")
		case !parameter.Optional:
			s.required++
		}
		names[parameter.Name] = true
		s.Parameters = append(s.Parameters, parameter)
		switch {
		case p.next(")"):
			return nil
		case !p.next(","):
			return p.want(`"," or ")"`)
		}
	}
}

func (p *parser) parameter() (Parameter, error) {
	var parameter Parameter
	start := p.at
	if name := p.word(); name != "" && p.next(":") {
		parameter.Name = name
	} else {
		p.at = start // it was a type
	}
	var err error
	if parameter.Type, err = p.typ(); err != nil {
		return Parameter{}, err
	}
	if parameter.Optional = p.next("?"); !parameter.Optional {
		parameter.Variadic = p.next("...")
	}
	return parameter, nil
}

func (p *parser) typ() (Type, error) {
	p.blanks()
	start := p.at
	if p.next("{") {
		return nested(p, start, p.fields)
	}
	word := p.word()
	kind, known := kinds[word]
	switch {
	case word == "any":
		return Type{Any: true}, nil
	case word == "":
		return Type{}, p.want("a type")
	case !known:
		return Type{}, p.errorAt(start, "%.40q is not a type", word)
	case (kind == task.KindList || kind == task.KindMap) && p.next("<"):
		item, err := nested(p, start, p.typ)
		if err == nil && !p.next(">") {
			err = p.want(`">"`)
		}
		return Type{Kind: kind, Item: &item}, err
	default:
		return Type{Kind: kind}, nil
	}
}

// nested reads what is one level further inside.
func nested(p *parser, start int, read func() (Type, error)) (Type, error) {
	if p.levels == MaxLevels {
		return Type{}, p.errorAt(start, "more than %d lists and maps inside each other", MaxLevels)
	}
	p.levels++
	t, err := read()
	p.levels--
	return t, err
}

// fields reads what follows a brace.
func (p *parser) fields() (Type, error) {
	t := Type{Kind: task.KindMap, Exact: true}
	if p.next("}") {
		return t, nil
	}
	names := make(map[string]bool)
	for {
		p.blanks()
		start := p.at
		name := p.word()
		switch {
		case name == "":
			return Type{}, p.want("a field's name")
		case names[name]:
			return Type{}, p.errorAt(start, "two fields are called %s", name)
		case !p.next(":"):
			return Type{}, p.want(`":"`)
		}
		names[name] = true
		typ, err := p.typ()
		if err != nil {
			return Type{}, err
		}
		t.Fields = append(t.Fields, Field{Name: name, Type: typ, Optional: p.next("?")})
		switch {
		case p.next("}"):
			return t, nil
		case !p.next(","):
			return Type{}, p.want(`"," or "}"`)
		}
	}
}
