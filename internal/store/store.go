// Package store says what outlives a task's run: how it ended. Where that is
// kept, and for how long, is up to the implementations below this folder; each
// passes the suite in storetest.
//
// The scheduler calls a store while it holds no lock and no slot, so a call may
// take its time: a disk, a network. In return it does what a store can't: as
// long as a task has not ended, its id is the scheduler's. A store that several
// nodes share can hand out the ids too; the place for that is where the
// scheduler has reserved an id and asks what the store knows of it.
package store

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Store keeps the outcomes of ended tasks for a time of its own, and then
// forgets them. It is safe for concurrent use.
//
// A call returns within a time that the store bounds by itself; the context may
// only make it shorter. An error means that it isn't known whether the call has
// done anything: its text is for the log, not for clients.
type Store interface {
	// Get returns the outcome of a task; ok is false if there is none, or none
	// any more. It sees what a finished Create has stored.
	Get(ctx context.Context, id string) (outcome Outcome, ok bool, err error)
	// Create stores how a task has ended, unless an outcome of that id is there
	// already, and returns the one that is there now: of several that are
	// stored at the same time, all callers are told the same.
	Create(ctx context.Context, id string, outcome Outcome) (stored Outcome, err error)
}

// Instant is implemented by stores whose calls wait for nothing and nobody: the
// scheduler need not let others go on while one is made.
type Instant interface {
	Store
	// Instant does nothing.
	Instant()
}

// State is where a task stands.
type State uint8

// The states. The last three are final.
const (
	Pending State = iota
	Running
	Succeeded
	Failed
	Cancelled
)

// Ended reports whether s is final.
func (s State) Ended() bool { return s >= Succeeded }

// Outcome is a task's state and, once it has ended, what came of it. A store
// sees those of ended tasks alone.
type Outcome struct {
	// Result is the result as text; empty unless State is Succeeded.
	Result string
	// Shape is what it takes to make Result a value again, in the form of
	// internal/shape; empty unless State is Succeeded.
	Shape string
	// Err says why there is no result; nil unless State is Failed or Cancelled.
	// It must not be changed, nor may it be relied on to have a cause.
	Err   *task.Error
	State State
	// Node is the node that it ended on; empty where there is but one.
	Node string
	// Attempt says which attempt to run the task it comes from, counted from 1;
	// 0 if it never ran.
	Attempt uint32
}

// Bytes is how many bytes o holds outside itself.
func (o *Outcome) Bytes() int {
	if o.Err != nil {
		return len(o.Err.Message)
	}
	return len(o.Result) + len(o.Shape)
}
