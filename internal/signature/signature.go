// Package signature reads what a task says of its arguments and result, in the
// grammar of abi/task_plugin.h, and holds arguments against it:
//
//	(numbers: list<double>, options: {verbose: bool?}) -> map<double>
//
// Signatures of Go functions are written by package task.
package signature

import (
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

const (
	// MaxBytes is how long a signature may be.
	MaxBytes = 4 << 10
	// MaxLevels is how many lists, maps and maps with fields may lie inside each
	// other in it.
	MaxLevels = 16
)

// A Signature says what a task takes and gives. It does not change.
type Signature struct {
	Parameters []Parameter
	Result     Type
	text       string
	required   int  // how many arguments there must be
	variadic   bool // the last parameter takes all that remain
}

// A Parameter takes one argument, or those that remain.
type Parameter struct {
	Name string // or empty
	Type Type
	// Optional ones may be left out. Only Variadic ones follow them.
	Optional bool
	// Variadic is the last parameter at most: it takes none, one or more.
	Variadic bool
}

// A Type is what an argument, a result or something inside one may be.
type Type struct {
	Any  bool
	Kind task.Kind // unless Any
	// Item is what a list or a map holds; nil: anything.
	Item *Type
	// Fields are what a map has, and nothing else, where Exact says so.
	Fields []Field
	Exact  bool
}

// A Field is one of a map's.
type Field struct {
	Name     string
	Type     Type
	Optional bool
}

// String returns the signature as it is usually spaced.
func (s *Signature) String() string { return s.text }

func (s *Signature) written() string {
	var b strings.Builder
	b.WriteByte('(')
	for i, p := range s.Parameters {
		separate(&b, i)
		if p.Name != "" {
			b.WriteString(p.Name + ": ")
		}
		p.Type.write(&b)
		switch {
		case p.Optional:
			b.WriteByte('?')
		case p.Variadic:
			b.WriteString("...")
		}
	}
	b.WriteString(") -> ")
	s.Result.write(&b)
	return b.String()
}

func separate(b *strings.Builder, i int) {
	if i > 0 {
		b.WriteString(", ")
	}
}

func (t *Type) write(b *strings.Builder) {
	switch {
	case t.Any:
		b.WriteString("any")
	case t.Exact:
		b.WriteByte('{')
		for i, f := range t.Fields {
			separate(b, i)
			b.WriteString(f.Name + ": ")
			f.Type.write(b)
			if f.Optional {
				b.WriteByte('?')
			}
		}
		b.WriteByte('}')
	case t.Item != nil:
		b.WriteString(t.Kind.String() + "<")
		t.Item.write(b)
		b.WriteByte('>')
	default:
		b.WriteString(t.Kind.String())
	}
}
