// Package exit is how the program ends: its exit codes, and what it says of an
// error, for people and for programs.
package exit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// The exit codes. A caller that wants to know more reads --json.
const (
	// Failed: the server said no, or the task did not end in success.
	Failed = 1
	// WrongUsage: the command line, or a file that it names, is wrong.
	WrongUsage = 2
	// Unreachable: there is no connection to the server.
	Unreachable = 3
	// NotEnded: the task still waits or runs.
	NotEnded = 4
	// Interrupted is what shells call the end by an interrupt: 128 + SIGINT.
	Interrupted = 130
)

// CodesHelp tells what the codes mean to those who run tasks.
const CodesHelp = `Exit codes: 0 success, 1 the task failed, was refused or cancelled or is not known, 2 wrong usage, ` +
	`3 no connection to the server, 4 the task has not ended.`

// AskCodesHelp tells what the codes mean to those who ask for what there is.
const AskCodesHelp = `Exit codes: 0 success, 1 the server refused or knows nothing of that name, 2 wrong usage, ` +
	`3 no connection to the server.`

// An Error ends the program with a code of its own. One without a message has
// been told before.
type Error struct {
	Code int
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code that the program ends with after err.
func CodeOf(err error) int {
	if err == nil {
		return 0
	}
	if exit, ok := errors.AsType[*Error](err); ok {
		return exit.Code
	}
	return Failed
}

// Usagef returns an error that the user can put right on the command line.
func Usagef(format string, args ...any) error {
	return &Error{Code: WrongUsage, Err: fmt.Errorf(format, args...)}
}

// OfCall returns how the program ends after a call's error: one line such as
// "INVALID_ARGUMENT: want int32"; nil for nil.
func OfCall(err error) error {
	if err == nil {
		return nil
	}
	code := Failed
	if errors.Is(err, client.ErrUnreachable) {
		code = Unreachable
	}
	failure := reason(err)
	return &Error{Code: code, Err: errors.New(failure.Code.String() + ": " + table.Line(failure.Message))}
}

// Naming adds to a failure which task it is of, for those who look for it in the
// server's log or ask an operator. What is empty, or told already, is left out.
func Naming(err error, method, id string) error {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	var names []string
	for _, name := range [][2]string{{"method ", method}, {"id ", id}} {
		if name[1] != "" && (method != "" || !strings.Contains(err.Error(), table.ID(id))) {
			names = append(names, name[0]+table.ID(name[1]))
		}
	}
	if len(names) == 0 {
		return err
	}
	return &Error{Code: failure.Code, Err: fmt.Errorf("%w (%s)", err, strings.Join(names, ", "))}
}

// A Failure is what --json prints of an error.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// FailureOf returns what to print of an error; nil for nil.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	failure := reason(err)
	return &Failure{Code: failure.Code.String(), Message: failure.Message}
}

// reason is what went wrong, in the words of the command line and without those
// on which task it was.
func reason(err error) *task.Error {
	if failed, ok := errors.AsType[*client.TaskError](err); ok {
		err = failed.Unwrap()
	}
	failure := task.ErrorOf(err)
	return &task.Error{Code: failure.Code, Message: flags.In(failure.Error())}
}
