package store

import (
	"context"
	"errors"
)

// ErrNotMine says that an outcome can't be recorded because another node holds the
// id by now: what it records counts.
var ErrNotMine = errors.New("another node holds the task")

// ErrFull says that there is no room for a claim where it would be kept.
var ErrFull = errors.New("there is no room left to keep claims")

// Claims is implemented by stores that several nodes share. A node claims an id
// that a client chose before its task runs, so that it runs on one node alone. The
// claim is in the place where the outcome will be: a node that holds it replaces it
// by [Store.Create], and that fails with [ErrNotMine] where another node has taken
// the claim over. Ids that a node makes itself need none.
//
// A claim is good until it is replaced or released, or the node that holds it is
// gone and its tasks are taken over.
type Claims interface {
	// Claim makes the id this node's, unless it has ended or another node holds it.
	// Once more it is this node's as before. After an error it may be claimed or not,
	// but for [ErrFull].
	Claim(ctx context.Context, id string) (Claim, error)
	// Take is Claim that also replaces what a node holds that is gone.
	Take(ctx context.Context, id, gone string) (Claim, error)
	// Release makes an id that this node holds free again, as if it had never been
	// claimed. It does nothing if this node does not hold it.
	Release(ctx context.Context, id string) error
	// Holder tells what Claim would find, and claims nothing.
	Holder(ctx context.Context, id string) (Claim, error)
}

// A Claim tells whose an id is. Of its three parts at most one says something:
// if none does, the id is free.
type Claim struct {
	// Outcome is how the task has ended, if Ended.
	Outcome Outcome
	Ended   bool
	// Holder is the node that holds the id; empty: this one, or none.
	Holder string
	// Mine: this node holds it.
	Mine bool
}
