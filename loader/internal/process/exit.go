package process

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
	"github.com/taskscheduler/taskscheduler/task"
)

// An exitError is why a process ended.
type exitError struct {
	cause string // "the process died of SIGSEGV"
	lines []string
}

func (e *exitError) Error() string {
	if len(e.lines) == 0 {
		return e.cause
	}
	return e.cause + "; its last words: " + strings.Join(e.lines, " | ")
}

// A memoryError is that a process had more memory than its limit.
type memoryError struct{ used, limit int64 }

func (e *memoryError) Error() string {
	return fmt.Sprintf("it had %s of memory, and its memory limit is %s", mebibytes(e.used), mebibytes(e.limit))
}

func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// explain tells why the process ended; nil when it was closed and ended well.
func (p *Process) explain(state *os.ProcessState) error {
	p.mu.Lock()
	killed, complaint := p.killed, p.complaint
	p.mu.Unlock()
	if killed == nil && p.closing.Load() && state.Success() {
		return nil
	}
	lines := p.log.last()
	cause := ending(state, lines)
	limits := p.config.Limits
	switch used := p.memory.Load(); {
	case killed != nil && wasKilled(state):
		cause = "the process was killed: " + killed.Error()
	case complaint != nil && state.Success():
		cause += ": " + complaint.Error()
	case limits.MemoryBytes != sandbox.Unlimited && used >= nearly(limits.MemoryBytes):
		cause += fmt.Sprintf(" having had %s of memory; its memory limit is %s", mebibytes(used), mebibytes(limits.MemoryBytes))
	case limits.CPUSeconds != sandbox.Unlimited && ranOutOfTime(state, limits.CPUSeconds):
		cause += fmt.Sprintf(" having used up its %d s of processor time", limits.CPUSeconds)
	}
	return &exitError{cause: cause, lines: lines}
}

// nearly returns most of a limit: what a process has when it runs into it, as
// far as that is seen from outside.
func nearly[N ~int64](limit N) N { return limit / 10 * 9 }

// ranOutOfTime tells whether the system has ended a process because of its limit
// of processor time: with SIGXCPU, and a second later, if it lives on, with
// SIGKILL. The system goes by its clock's ticks for that, so that by the time
// that was really spent a busy machine may do it early.
func ranOutOfTime(state *os.ProcessState, seconds int64) bool {
	const atLeast = 2 // in how many parts of the limit it may be early
	switch deathSignal(state) {
	case "SIGXCPU":
		return true
	case "SIGKILL":
		return state.UserTime()+state.SystemTime() >= time.Duration(seconds)*time.Second/atLeast
	default:
		return false
	}
}

// goSignal finds the signal in what Go's runtime prints when it, rather than
// the system, ends a process because of one.
var goSignal = regexp.MustCompile(`^(?:\[signal )?(SIG[A-Z]+): `)

// ending says how a process ended by itself.
func ending(state *os.ProcessState, lines []string) string {
	if signal := deathSignal(state); signal != "" {
		return "the process died of " + signal
	}
	for _, line := range lines {
		const goFatal = 2 // the exit code with which Go's runtime does so
		if state.ExitCode() != goFatal {
			break
		}
		if found := goSignal.FindStringSubmatch(line); found != nil {
			return "the process died of " + found[1]
		}
	}
	return fmt.Sprintf("the process exited with code %d", state.ExitCode())
}

// callFailure returns the error of calls that the process's end leaves without
// an answer.
func (p *Process) callFailure(failure error) error {
	if failure == nil {
		failure = errors.New("the process was closed")
	}
	cause := failure.Error()
	if exit, ok := errors.AsType[*exitError](failure); ok {
		cause = exit.cause // the lines are for operators, not for clients
	}
	return task.Errorf(task.Internal, "%w", &exitedError{fmt.Sprintf("plugin %s: %s", p.config.Name, cause)})
}

// ErrExited is in the chain of an error of [Process.Call] when the process ended
// before it answered; see also [ErrNotDelivered].
var ErrExited = errors.New("the process ended before it answered")

type exitedError struct{ text string }

func (e *exitedError) Error() string        { return e.text }
func (e *exitedError) Is(target error) bool { return target == ErrExited }
