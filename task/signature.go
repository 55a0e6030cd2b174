package task

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

const (
	// maxSignature is how many bytes a signature may have, by the ABI.
	maxSignature = 4 << 10
	// maxLevels is how many lists, maps and structs may lie inside each other in it.
	maxLevels = 16
)

// signatureOf returns a function's signature in the grammar of
// abi/task_plugin.h. Its types have been checked. What would make it too long is
// left out: what a list or a map holds.
func signatureOf(t reflect.Type, names []string) (string, error) {
	first := 0
	if t.NumIn() > 0 && t.In(0) == contextType {
		first = 1
	}
	parameters := make([]string, t.NumIn()-first)
	for i := range parameters {
		parameters[i] = fmt.Sprintf("arg%d", i+1)
	}
	if names != nil {
		if err := checkNames(names, len(parameters)); err != nil {
			return "", err
		}
		parameters = names
	}
	for levels := maxLevels; ; levels /= 2 {
		w := signatureWriter{levels: levels}
		w.signature(t, first, parameters)
		if w.b.Len() <= maxSignature {
			return w.b.String(), nil
		}
		if levels == 0 {
			return "", fmt.Errorf("its parameters make a signature of more than %d bytes", maxSignature)
		}
	}
}

func checkNames(names []string, parameters int) error {
	if len(names) != parameters {
		return fmt.Errorf("task.Params has %d names, the function has %d parameters", len(names), parameters)
	}
	for i, name := range names {
		switch {
		case !isIdentifier(name):
			return fmt.Errorf("task.Params: %q is not a name: want letters, digits and '_', and no digit first", name)
		case slices.Contains(names[:i], name):
			return fmt.Errorf("task.Params: two parameters are called %s", name)
		}
	}
	return nil
}

func isIdentifier(name string) bool {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', i > 0 && '0' <= c && c <= '9':
		default:
			return false
		}
	}
	return name != ""
}

// A signatureWriter writes a signature, until it is too long.
type signatureWriter struct {
	b      strings.Builder
	levels int            // how many may lie inside each other
	open   []reflect.Type // those that are being written
	result bool
}

func (w *signatureWriter) signature(t reflect.Type, first int, names []string) {
	raw := len(names) == 1 && t.In(first) == valuesType && !t.IsVariadic()
	last := t.NumIn() - 1
	required := first // behind it all may be left out
	for i := first; i <= last; i++ {
		if t.In(i).Kind() != reflect.Pointer && (i < last || !t.IsVariadic()) {
			required = i + 1
		}
	}
	w.b.WriteByte('(')
	for i, name := range names {
		in := t.In(first + i)
		w.b.WriteString(separator(i) + name + ": ")
		switch {
		case raw:
			w.b.WriteString("any...")
		case t.IsVariadic() && first+i == last:
			w.write(in.Elem())
			w.b.WriteString("...")
		default:
			w.write(in)
			if first+i >= required {
				w.b.WriteByte('?')
			}
		}
	}
	w.b.WriteString(") -> ")
	w.result = true
	if t.NumOut() == 0 || t.Out(0) == errorType {
		w.b.WriteString("null")
	} else {
		w.write(t.Out(0))
	}
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}

// write writes a type of a parameter, a result, or what is inside one.
func (w *signatureWriter) write(t reflect.Type) {
	switch {
	case w.b.Len() > maxSignature: // too long already
	case t == valueType || t.Kind() == reflect.Interface:
		w.b.WriteString("any")
	case t.Kind() == reflect.Pointer:
		w.nested(t, "any", func() { w.write(t.Elem()) })
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			w.b.WriteString("bytes")
			return
		}
		w.of("list", t)
	case t.Kind() == reflect.Map:
		w.of("map", t)
	case t.Kind() == reflect.Struct:
		w.structure(t)
	default:
		w.b.WriteString(scalarName(t.Kind()))
	}
}

func scalarName(kind reflect.Kind) string {
	switch kind {
	case reflect.Int, reflect.Int64:
		return "int64"
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return "int32"
	case reflect.Uint, reflect.Uint64:
		return "uint64"
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return "uint32"
	case reflect.Float32:
		return "float"
	case reflect.Float64:
		return "double"
	default:
		return kind.String() // bool, string
	}
}

// of writes list or map, and of what unless that is anything.
func (w *signatureWriter) of(kind string, t reflect.Type) {
	if t.Elem() == valueType {
		w.b.WriteString(kind)
		return
	}
	w.nested(t, kind, func() {
		w.b.WriteString(kind + "<")
		w.write(t.Elem())
		w.b.WriteByte('>')
	})
}

// structure writes a struct's fields, all of which may be left out of a parameter.
func (w *signatureWriter) structure(t reflect.Type) {
	fields, _ := structFields(t) // which was checked
	if slices.ContainsFunc(fields, func(f structField) bool { return !isIdentifier(f.key) }) {
		w.b.WriteString("map")
		return
	}
	w.nested(t, "map", func() {
		w.b.WriteByte('{')
		for i, field := range fields {
			w.b.WriteString(separator(i) + field.key + ": ")
			w.write(field.typ)
			if !w.result || mayBeNull(field.typ) {
				w.b.WriteByte('?')
			}
		}
		w.b.WriteByte('}')
	})
}

// mayBeNull tells of what encodeStruct may leave out.
func mayBeNull(t reflect.Type) bool {
	return t == valueType || t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
}

// nested writes what is inside t, or instead of that a word where it lies too deep
// or inside itself.
func (w *signatureWriter) nested(t reflect.Type, instead string, write func()) {
	if len(w.open) == w.levels || slices.Contains(w.open, t) {
		w.b.WriteString(instead)
		return
	}
	w.open = append(w.open, t)
	write()
	w.open = w.open[:len(w.open)-1]
}
