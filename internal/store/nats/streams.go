package nats

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/pause"
)

const (
	// mostReplicas is how many servers keep a message, if there are as many.
	mostReplicas = 3
	// makeTimeout bounds one try to make a stream: when several nodes begin at once,
	// the server answers only one of them.
	makeTimeout = time.Second
	// makePause is how long others may take to make it first.
	makePause = 200 * time.Millisecond
)

// makeShared makes the streams, or gives those that are there these settings.
func (e *Engine) makeShared(ctx context.Context) error {
	for _, stream := range e.sharedStreams() {
		if err := e.makeStream(ctx, stream); err != nil {
			return fmt.Errorf("stream %s: %w", stream.Name, err)
		}
	}
	return nil
}

// makeStream sees that a stream is there, with these settings and as many replicas
// as there can be.
func (e *Engine) makeStream(ctx context.Context, want jetstream.StreamConfig) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		once, cancel := context.WithTimeout(ctx, makeTimeout)
		err := e.tryStream(once, want)
		cancel()
		if err == nil || ctx.Err() != nil || e.denied.Load() != nil || !passing(err) {
			return err
		}
		if err := pause.For(ctx, makePause); err != nil {
			return err
		}
	}
}

// passing tells whether an error is one that goes by while others begin, too, or while
// the servers choose a leader.
func passing(err error) bool {
	const (
		noLeader  = 10008 // JetStream system temporarily unavailable
		notLeader = 10009 // JetStream cluster can not handle request
	)
	return is(err, noLeader) || is(err, notLeader) || is(err, jetstream.JSErrCodeStreamNotFound) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders) ||
		errors.Is(err, jetstream.ErrStreamNameAlreadyInUse)
}

func (e *Engine) tryStream(ctx context.Context, want jetstream.StreamConfig) error {
	least := 1
	stream, err := e.js.Stream(ctx, want.Name)
	switch {
	case errors.Is(err, jetstream.ErrStreamNotFound):
		if err := pause.For(ctx, rand.N(makePause)); err != nil { //nolint:gosec // no secret
			return err
		}
	case err != nil:
		return err
	default:
		there := stream.CachedInfo().Config
		if least = max(there.Replicas, 1); least >= mostReplicas && sameStream(&there, &want) {
			return nil
		}
	}
	for want.Replicas = max(mostReplicas, least); ; want.Replicas-- {
		_, err = e.js.CreateOrUpdateStream(ctx, want)
		if want.Replicas <= least || !tooFew(err) {
			return err
		}
	}
}

// sameStream tells whether a stream has the settings that it should have.
func sameStream(there, want *jetstream.StreamConfig) bool {
	return slices.Equal(there.Subjects, want.Subjects) &&
		there.MaxAge == want.MaxAge && max(there.MaxMsgs, 0) == max(want.MaxMsgs, 0) && there.AllowMsgTTL == want.AllowMsgTTL &&
		there.AllowAtomicPublish == want.AllowAtomicPublish && there.AllowDirect == want.AllowDirect
}

// tooFew tells whether an error says that there are fewer servers than replicas.
func tooFew(err error) bool {
	const (
		noPeers      = 10005 // no suitable peers for placement
		notClustered = 10074 // replicas > 1 not supported in non-clustered mode
		noResources  = 10023 // insufficient resources
	)
	return is(err, noPeers) || is(err, notClustered) || is(err, noResources)
}

// is tells whether an error is one of the server's.
func is(err error, code jetstream.ErrorCode) bool {
	refused, ok := errors.AsType[*jetstream.APIError](err)
	return ok && refused.ErrorCode == code
}

// growEvery is how often it is looked whether there are enough servers for more
// replicas.
const growEvery = 5 * time.Second

// grow makes replicas until there are as many as there should be.
func (e *Engine) grow(want int) {
	for {
		select {
		case <-e.closing:
			return
		case <-time.After(growEvery):
		}
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		enough := true
		for _, stream := range e.sharedStreams() {
			enough = e.tryStream(ctx, stream) == nil && e.replicas(ctx, stream.Name) >= want && enough
		}
		cancel()
		if enough {
			return
		}
	}
}

func (e *Engine) replicas(ctx context.Context, name string) int {
	stream, err := e.js.Stream(ctx, name)
	if err != nil {
		return 0
	}
	return stream.CachedInfo().Config.Replicas
}
