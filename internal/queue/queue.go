// Package queue keeps tasks that were accepted and have not ended, so that they
// outlive the process. Where they are kept is up to a [Log].
//
// The scheduler has what runs and waits in memory, and asks the queue only when
// it starts: then those that are kept are submitted again.
package queue

import (
	"errors"
	"time"
)

// A Record is a task as the queue keeps it.
type Record struct {
	ID string
	// Request is the submission, in the bytes of the wire contract.
	Request []byte
	// Submitted is when it was accepted.
	Submitted time.Time
	// Due is when it may run; zero: at once.
	Due time.Time
	// Attempt is how often it has begun to run before.
	Attempt uint32
	// RetryOf is the id of the task that it is another try of, if any.
	RetryOf string
	// Letter: it has used up its attempts. Request is what is kept of it then, in
	// bytes of its writer's own. A letter and a task of one id are two.
	Letter bool
}

// Loaded is a task that was kept by a process before this one.
type Loaded struct {
	Record

	Entry *Entry
}

// ErrFull says that there is no room for more.
var ErrFull = errors.New("there is no room to keep more tasks")

// ErrTooLarge says that a task is larger than the queue can keep.
var ErrTooLarge = errors.New("the task is larger than can be kept")

// ErrFenced says that another node has taken over what this one had kept, because it
// took it for dead. See [Queue.Restart].
var ErrFenced = errors.New("another node has taken over what was kept here")

// errNotOpen says that a queue is not loaded yet, or closed.
var errNotOpen = errors.New("the queue is not open")

// A Log is a sequence of messages, numbered from 1 on, that one writer adds to
// at its end and drops from at its beginning.
type Log interface {
	// Append adds a message and returns its number once it is safe. After an
	// error it may be there or not.
	Append(message []byte) (number uint64, err error)
	// Get returns a message that is there.
	Get(number uint64) ([]byte, error)
	// Read calls f with each message in their order until that returns an error.
	Read(f func(number uint64, message []byte) error) error
	// Drop drops all messages before a number.
	Drop(before uint64) error
	// MaxMessage is how many bytes a message may have.
	MaxMessage() int
}
