package cmd

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/task"
)

// The exit codes. A caller that wants to know more reads --json.
const (
	// exitFailure: the server said no, or the task did not end in success.
	exitFailure = 1
	// exitUsage: the command line, or a file that it names, is wrong.
	exitUsage = 2
	// exitUnreachable: there is no connection to the server.
	exitUnreachable = 3
	// exitNotEnded: the task still waits or runs.
	exitNotEnded = 4
)

const exitCodesHelp = `Exit codes: 0 success, 1 the task failed, was refused or cancelled or is not known, 2 wrong usage, ` +
	`3 no connection to the server, 4 the task has not ended.`

// exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage returns an error that the user can put right on the command line.
func usage(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// callFailed returns how the program ends after a call's error.
func callFailed(err error) error {
	if err == nil {
		return nil
	}
	code := exitFailure
	if errors.Is(err, client.ErrUnreachable) {
		code = exitUnreachable
	}
	return &exitError{code: code, err: errors.New(describe(task.ErrorOf(err)))}
}

// describe returns a failure as one line: "INVALID_ARGUMENT: want int32".
func describe(failure *task.Error) string {
	return failure.Code.String() + ": " + printable(failure.Message)
}

// printable returns text as one line that can't steer the terminal; it comes
// from elsewhere.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
