// Package library says what a child process can serve: a plugin's file, once it is
// open, whatever kind it is of. Below it is a package for each kind.
package library

import (
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Library is a plugin file that a child process has loaded: a dynamic
// library or a WebAssembly module. Its methods may be called from many
// goroutines at a time.
type Library interface {
	// Describe tells what the file offers. It does not change.
	Describe() Description
	// Call runs a task. It calls done exactly once, from any goroutine, before
	// or after it returns; the value that done gets is the caller's.
	Call(call *Call, done func(Status, task.Value))
	// Cancel tells a call that its caller gives up; calls that are not known,
	// or that have ended, are ignored.
	Cancel(id uint64)
	// Close asks the library to shut down. No calls are made after it.
	Close()
}

// Open loads a file. It is called once in a child process.
type Open func(path string, services Services) (Library, error)

// Services is what the child offers to a library, from any goroutine.
type Services interface {
	// Log writes a line to the server's log; call is 0 outside calls.
	Log(call uint64, level slog.Level, text string)
	// Progress tells how far a call is, from 0 to 1.
	Progress(call uint64, fraction float64, note string)
}

// Description is what a library tells of itself.
type Description struct {
	// Version is the plugin's own, and Doc a few sentences for people. Both may be
	// empty.
	Version, Doc string
	Tasks        []TaskInfo
}

// TaskInfo is a task that a library offers.
type TaskInfo struct {
	// Name is the task's name without the plugin's.
	Name  string
	Async bool
	// Signature is in the grammar of abi/task_plugin.h; empty: nothing is known.
	Signature string
	// Doc is a sentence or a few for people, or empty.
	Doc string
}

// Call is one call of a task.
type Call struct {
	// ID names the call; it is unique in the child and never 0.
	ID uint64
	// Task is an index into Library.Tasks.
	Task int
	// Attempt is 1, 2, …
	Attempt uint32
	// Deadline is when the caller gives up; zero: never.
	Deadline time.Time
	// TaskID is the client's id of the execution.
	TaskID string
	// Args are the library's until done is called.
	Args []task.Value
}

// DeadlineUnixNano returns the deadline as the ABI has it: 0 when there is none, or
// when it is so far away that 64 bits don't hold it.
func (c *Call) DeadlineUnixNano() int64 {
	ns := c.Deadline.UnixNano()
	if c.Deadline.IsZero() || !time.Unix(0, ns).Equal(c.Deadline) {
		return 0
	}
	return ns
}

// Status is what a task answers; the numbers are the plugin ABI's.
type Status int32

// The statuses. With Failed, Retry and BadArguments the value may be a string,
// the message that the caller gets.
const (
	OK           Status = 0
	Failed       Status = 1
	Retry        Status = 2
	Cancelled    Status = 3
	BadArguments Status = 4
)
