package task

import (
	"errors"
	"fmt"
)

// A misfit says what is wrong with an argument, or with something inside it.
type misfit struct {
	where   string // "argument 2: item 3"
	problem string // "is a string"
}

// Error returns "argument 2: item 3 is a string".
func (m *misfit) Error() string {
	if m.where == "" {
		return m.problem
	}
	return m.where + " " + m.problem
}

// another says that v is of a kind that was not asked for.
func another(v Value) error { return &misfit{problem: "is " + v.kind.withArticle()} }

// inside adds to a misfit where it is.
func inside(err error, format string, args ...any) error {
	m, ok := errors.AsType[*misfit](err)
	if !ok {
		return err
	}
	where := fmt.Sprintf(format, args...)
	if m.where != "" {
		where += ": " + m.where
	}
	return &misfit{where: where, problem: m.problem}
}
