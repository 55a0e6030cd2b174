// Package contracttest gives tests the cases of the contract's built-in tasks,
// in the types of package task, so that every layer is tested against the same.
package contracttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Case is a call of a built-in task and what must come of it.
type Case struct {
	Method string
	Args   []task.Value
	// Result is the text that a successful call gives.
	Result string
	// Error is the code's name, "INVALID_ARGUMENT", or "" for a success.
	Error string
	// Message is what the error's message must contain.
	Message string
}

// Name returns a name for a subtest.
func (c Case) Name() string { return fmt.Sprintf("%s(%d args)", c.Method, len(c.Args)) }

// file is where the cases are, from the module's root.
const file = "builtin/testdata/builtin-tasks.json"

// Cases returns the cases of the contract. It finds their file from the
// directories above the one that the test runs in.
func Cases(t testing.TB) []Case {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		raw, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		switch parent := filepath.Dir(dir); {
		case err == nil:
			return parse(t, raw)
		case !errors.Is(err, fs.ErrNotExist) || parent == dir:
			t.Fatalf("no cases of the contract: %v", err)
		default:
			dir = parent
		}
	}
}

func parse(t testing.TB, raw []byte) []Case {
	t.Helper()
	var parsed []struct {
		Method, Result, Error, Message string
		Args                           []literal
	}
	if err := json.Unmarshal(raw, &parsed); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(parsed) == 0 {
		t.Fatalf("%s: no cases", file)
	}
	cases := make([]Case, len(parsed))
	for i, p := range parsed {
		cases[i] = Case{Method: p.Method, Result: p.Result, Error: p.Error, Message: p.Message}
		for _, arg := range p.Args {
			cases[i].Args = append(cases[i].Args, arg.value)
		}
	}
	return cases
}

// A literal is a value as the cases write it: an object with its kind and the
// value, {"int32": 1}.
type literal struct{ value task.Value }

// UnmarshalJSON makes literal a json.Unmarshaler.
func (l *literal) UnmarshalJSON(raw []byte) (err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	if len(object) != 1 {
		return fmt.Errorf("%s: want one kind and its value", raw)
	}
	for kind, value := range object {
		l.value, err = valueOf(kind, value)
	}
	return err
}

func valueOf(kind string, raw json.RawMessage) (task.Value, error) {
	switch kind {
	case "bool":
		return read(raw, task.Bool)
	case "int32":
		return read(raw, task.Int32)
	case "int64":
		return read(raw, task.Int64)
	case "uint32":
		return read(raw, task.Uint32)
	case "uint64":
		return read(raw, task.Uint64)
	case "float":
		return read(raw, func(f number) task.Value { return task.Float(float32(f)) })
	case "double":
		return read(raw, func(f number) task.Value { return task.Double(float64(f)) })
	case "string":
		return read(raw, task.String)
	case "bytes": // base64
		return read(raw, task.Bytes)
	case "list":
		return read(raw, func(items []literal) task.Value {
			values := make([]task.Value, len(items))
			for i, item := range items {
				values[i] = item.value
			}
			return task.ListOf(values...)
		})
	case "map":
		return read(raw, func(fields map[string]literal) task.Value {
			values := make(map[string]task.Value, len(fields))
			for key, field := range fields {
				values[key] = field.value
			}
			return task.MapOf(values)
		})
	default:
		return task.Value{}, fmt.Errorf("%q is not a kind of the contract", kind)
	}
}

// A number is one that may be infinite, as protobuf's JSON has it: "Infinity".
type number float64

// UnmarshalJSON makes number a json.Unmarshaler.
func (f *number) UnmarshalJSON(raw []byte) error {
	parsed, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	*f = number(parsed)
	return err
}

func read[T any](raw json.RawMessage, of func(T) task.Value) (task.Value, error) {
	var x T
	err := json.Unmarshal(raw, &x)
	return of(x), err
}
