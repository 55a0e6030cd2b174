package nats

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// leastMessage is what a message must be able to have.
const leastMessage = 2 * room

// share makes this node one of several that share what the servers keep.
func (e *Engine) share(ctx context.Context) (err error) {
	if e.js, err = jetstream.New(e.conn, jetstream.WithDefaultTimeout(callTimeout)); err != nil {
		return err
	}
	e.largest = min(e.config.MaxMessage+room, int(e.conn.MaxPayload()))
	if e.largest < leastMessage {
		return fmt.Errorf("messages may have %d bytes there, and %d are needed: set max_payload higher", e.largest, leastMessage)
	}
	if e.config.Outside != nil {
		if err := e.awaitJetStream(ctx); err != nil {
			return err
		}
		defer func() { err = e.orDenied(err) }()
	}
	if err := e.makeShared(ctx); err != nil {
		return err
	}
	e.queue = e.newLog(e.names.taskOf(e.config.Node))
	origin, err := e.origin()
	if err != nil {
		return err
	}
	e.members, err = members.Join(ctx, members.Config{
		Stream: &cell.Stream{Conn: e.conn, Name: e.names.nodes, Several: true}, JS: e.js, Subject: e.names.node,
		Node: e.config.Node, Origin: origin, Lease: e.config.Lease, Wait: e.config.Cluster != nil,
		Joined: e.queue.begin, Confirmed: e.queue.open, Logger: e.config.Logger,
		KeepDeparted: e.config.Cluster != nil, // its server stays one of theirs
	})
	if err != nil {
		return err
	}
	e.results = e.newResults()
	e.runEnds()
	if e.config.Cluster != nil {
		e.marker.Go(e.keepCopy)
		e.marker.Go(func() { e.grow(min(mostReplicas, e.size())) })
	}
	e.queue.doubt = e.members.Doubt
	e.members.OnFenced(func(context.Context) {
		e.queue.close()
		e.results.claims.forgetAll()
	})
	e.marker.Go(e.renewClaims)
	return nil
}

// sharedStreams are the streams that nodes share.
func (e *Engine) sharedStreams() []jetstream.StreamConfig {
	from, to := e.names.republished()
	return []jetstream.StreamConfig{
		{
			Name: e.names.results, Subjects: []string{e.names.outcome + ">"},
			MaxMsgsPerSubject: 1, MaxMsgs: int64(e.config.Capacity), MaxAge: e.config.TTL, Duplicates: time.Second,
			AllowDirect: true, AllowAtomicPublish: true, AllowMsgTTL: true,
			RePublish: &jetstream.RePublish{Source: from, Destination: to, HeadersOnly: true},
		},
		{Name: e.names.queue, Subjects: []string{e.names.task + ">"}, Duplicates: time.Second},
		{
			Name: e.names.nodes, Subjects: []string{e.names.node + "*"}, MaxMsgsPerSubject: 1,
			Duplicates: time.Second, AllowMsgTTL: true,
		},
	}
}
