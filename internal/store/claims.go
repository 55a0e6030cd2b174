package store

import (
	"context"
	"errors"
)

// Claims is implemented by a [Store] that several nodes share: it hands out the
// ids. It is safe for concurrent use, and its calls are bounded as the store's.
//
// A claim belongs to the node, not to a caller: within one, the scheduler sees
// that an id is one submission's at a time.
type Claims interface {
	// Claim makes an id this node's, unless it is that of an ended task or claimed
	// by another living node: then it says so. A claim that this node has already,
	// and one of a node that is gone, become this node's. It isn't stale.
	Claim(ctx context.Context, id string) (Claim, error)
	// Release gives back this node's claim of an id, if it has one. It takes away
	// nothing else: not another node's claim, nor an outcome.
	Release(ctx context.Context, id string) error
	// Holder only looks: Mine says that this node has a claim, and all is zero if
	// nobody has one.
	Holder(ctx context.Context, id string) (Claim, error)
}

// Claim is what an id means to all nodes: one of the three, or nothing.
type Claim struct {
	Outcome Outcome
	Ended   bool   // with Outcome
	Holder  string // the living node that has claimed it, another one
	Mine    bool   // this node has
}

// ErrNotMine is Create's error for an id that another node has claimed: what this
// one would tell of it doesn't count. The task is the other node's.
var ErrNotMine = errors.New("another node has claimed the id")
