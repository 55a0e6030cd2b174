package signature

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/taskscheduler/taskscheduler/task"
)

// Check returns a method's arguments as the signature asks for them: those that
// came, or where numbers of other kinds are among them a copy in which they are of
// the kind that was asked for, which holds them exactly. Other arguments are an
// INVALID_ARGUMENT that says what the method takes and what is wrong:
//
//	multiply(factors: int64...) -> int64: argument 2 is a string
//
// Arguments that fit cost no allocation.
func (s *Signature) Check(method string, args []task.Value) ([]task.Value, error) {
	if err := s.checkCount(len(args)); err != nil {
		return nil, s.refusal(method, err)
	}
	var copied bool
	for i, arg := range args {
		t := &s.Parameters[min(i, len(s.Parameters)-1)].Type
		v, changed, err := t.check(arg)
		switch {
		case err != nil:
			return nil, s.refusal(method, inside(err, "argument %d", i+1))
		case changed && !copied:
			args, copied = slices.Clone(args), true
		}
		if changed {
			args[i] = v
		}
	}
	return args, nil
}

func (s *Signature) refusal(method string, err error) error {
	const longest = 500 // errors travel in headers
	text := s.text
	if len(text) > longest {
		text = text[:longest] + "…" // it is ASCII
	}
	return task.Errorf(task.InvalidArgument, "%s%s: %w", method, text, err)
}

func (s *Signature) checkCount(n int) error {
	least, most := s.required, len(s.Parameters)
	switch {
	case n >= least && (n <= most || s.variadic):
		return nil
	case s.variadic:
		return fmt.Errorf("want at least %s, got %d", arguments(least), n)
	case least < most:
		return fmt.Errorf("want %d to %d arguments, got %d", least, most, n)
	default:
		return fmt.Errorf("want %s, got %d", arguments(most), n)
	}
}

func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// check returns v as t asks for it, and whether that is another value.
func (t *Type) check(v task.Value) (task.Value, bool, error) {
	kind := v.Kind()
	if t.Any {
		return v, false, nil
	}
	if kind != t.Kind {
		converted, err := v.As(t.Kind)
		return converted, true, err
	}
	switch {
	case t.Exact:
		fields, _ := v.Map()
		return t.checkExact(v, fields)
	case t.Item == nil:
		return v, false, nil
	case kind == task.KindList:
		items, _ := v.List()
		return t.checkItems(v, items)
	default:
		fields, _ := v.Map()
		return t.checkEach(v, fields)
	}
}

func (t *Type) checkItems(v task.Value, items task.List) (task.Value, bool, error) {
	var copied []task.Value
	for i, item := range items {
		got, changed, err := t.Item.check(item)
		switch {
		case err != nil:
			return v, false, inside(err, "item %d", i+1)
		case changed && copied == nil:
			copied = slices.Clone(items)
		}
		if changed {
			copied[i] = got
		}
	}
	if copied == nil {
		return v, false, nil
	}
	return task.ListOf(copied...), true, nil
}

func (t *Type) checkEach(v task.Value, fields task.Map) (task.Value, bool, error) {
	var copied task.Map
	for key, field := range fields {
		got, changed, err := t.Item.check(field)
		switch {
		case err != nil:
			return v, false, inside(err, "key %.60q", key)
		case changed:
			copied = replaced(copied, fields, key, got)
		}
	}
	return of(v, copied)
}

func (t *Type) checkExact(v task.Value, fields task.Map) (task.Value, bool, error) {
	var copied task.Map
	var found int
	for i := range t.Fields {
		f := &t.Fields[i]
		field, ok := fields[f.Name]
		if !ok {
			if f.Optional {
				continue
			}
			return v, false, fmt.Errorf("has no key %q", f.Name)
		}
		found++
		got, changed, err := f.Type.check(field)
		switch {
		case err != nil:
			return v, false, inside(err, "key %q", f.Name)
		case changed:
			copied = replaced(copied, fields, f.Name, got)
		}
	}
	if found < len(fields) {
		return v, false, fmt.Errorf("has the key %.60q, which is not one of its fields", t.stranger(fields))
	}
	return of(v, copied)
}

// stranger returns the first key, in their order, that is none of t's.
func (t *Type) stranger(fields task.Map) string {
	known := make(map[string]bool, len(t.Fields))
	for _, f := range t.Fields {
		known[f.Name] = true
	}
	least, found := "", false
	for key := range fields {
		if !known[key] && (!found || key < least) {
			least, found = key, true
		}
	}
	return least
}

// replaced sets a key in copied, which is fields' copy once there is one.
func replaced(copied, fields task.Map, key string, v task.Value) task.Map {
	if copied == nil {
		copied = maps.Clone(fields)
	}
	copied[key] = v
	return copied
}

// of returns the copy of v's fields as a value, or v where there is none.
func of(v task.Value, copied task.Map) (task.Value, bool, error) {
	if copied == nil {
		return v, false, nil
	}
	return task.MapOf(copied), true, nil
}

// A misfit says where an argument is wrong, and what is there.
type misfit struct {
	where   string
	problem error
}

func (m *misfit) Error() string { return m.where + " " + m.problem.Error() }

// inside adds to an error where it is: "argument 1: item 3 is a string".
func inside(err error, format string, args ...any) error {
	where := fmt.Sprintf(format, args...)
	if m, ok := errors.AsType[*misfit](err); ok {
		return &misfit{where + ": " + m.where, m.problem}
	}
	return &misfit{where, err}
}
