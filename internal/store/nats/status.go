package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
)

// Status is how it stands with the servers that keep what nodes share.
type Status struct {
	// Server is the one that this node uses, Leader the one that decides which servers
	// keep what; empty: they choose one, or there is only one.
	Server, Leader string
	Streams        []Stream
}

// Stream is a stream and the servers that have copies of it.
type Stream struct {
	Name     string
	Messages uint64
	// Bytes is how much one copy takes on a disk.
	Bytes  uint64
	Leader string
	Copies []Copy
}

// Copy is what a server has of a stream.
type Copy struct {
	Server string
	// Current: it has all that the leader has; else it is Lag messages behind.
	Current bool
	Lag     uint64
	// Offline: it was not heard of since Seen.
	Offline bool
	Seen    time.Time
}

// Status asks the servers. In a cluster of nodes' own servers, a server's name is that
// which [ServerName] makes of its node's id.
func (e *Engine) Status(ctx context.Context) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	status := Status{Server: e.conn.ConnectedServerName()}
	for _, name := range []string{e.names.results, e.names.queue, e.names.nodes} {
		if name == "" {
			continue
		}
		stream, err := e.js.Stream(ctx, name)
		if err != nil {
			if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrReconnectBufExceeded) {
				err = cell.ErrAway // in the words of those who run nodes
			}
			return status, fmt.Errorf("stream %s: %w", name, err)
		}
		status.Streams = append(status.Streams, describe(stream.CachedInfo()))
	}
	status.Leader = e.leader(ctx)
	return status, nil
}

func describe(info *jetstream.StreamInfo) Stream {
	s := Stream{Name: info.Config.Name, Messages: info.State.Msgs, Bytes: info.State.Bytes}
	if info.Cluster == nil {
		return s
	}
	s.Leader = info.Cluster.Leader
	now := time.Now()
	if s.Leader != "" {
		s.Copies = append(s.Copies, Copy{Server: s.Leader, Current: true, Seen: now})
	}
	for _, r := range info.Cluster.Replicas {
		s.Copies = append(s.Copies, Copy{
			Server: r.Name, Current: r.Current, Lag: r.Lag, Offline: r.Offline, Seen: now.Add(-r.Active),
		})
	}
	return s
}

// leader returns the leader of the nodes' own servers.
func (e *Engine) leader(ctx context.Context) string {
	if e.config.Cluster == nil {
		return ""
	}
	conn, err := e.connect(systemUser)
	if err != nil {
		return ""
	}
	defer conn.Close()
	answer, err := conn.RequestWithContext(ctx, "$SYS.REQ.SERVER.PING.JSZ", []byte(`{"leader_only":true}`))
	if err != nil {
		return ""
	}
	var told struct {
		Server struct {
			Name string `json:"name"`
		} `json:"server"`
	}
	if json.Unmarshal(answer.Data, &told) != nil {
		return ""
	}
	return told.Server.Name
}

// ErrAlive says that a node lives, so that it can't be removed.
var ErrAlive = errors.New("the node is alive: stop it first")

// Remove has the others forget a node that is gone for good: they take over its tasks
// at once, and its copies are made on another server if there is one.
func (e *Engine) Remove(ctx context.Context, node string) error {
	if e.members == nil {
		return fmt.Errorf("node %q: %w", node, ErrNoNode)
	}
	if peer, ok := e.members.Peer(node); ok && peer.Alive || node == e.config.Node {
		return fmt.Errorf("node %q: %w", node, ErrAlive)
	}
	known, err := e.members.Forsake(ctx, node)
	if err != nil {
		return fmt.Errorf("node %q: %w", node, err)
	}
	if e.config.Cluster == nil {
		if !known {
			return fmt.Errorf("node %q: %w", node, ErrNoNode)
		}
		return nil
	}
	err = e.removeServer(ctx, ServerName(node))
	if errors.Is(err, ErrNoNode) && known {
		return nil
	}
	return err
}

// ErrNoNode says that there is no such node.
var ErrNoNode = errors.New("no node of that name is in the cluster")

// removeServer takes a server out of the group that decides which servers keep what.
func (e *Engine) removeServer(ctx context.Context, name string) error {
	conn, err := e.connect(systemUser)
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	request, err := json.Marshal(map[string]string{"peer": name})
	if err != nil {
		return err
	}
	answer, err := conn.RequestWithContext(ctx, "$JS.API.SERVER.REMOVE", request)
	if err != nil {
		return fmt.Errorf("%w: %w", cell.ErrAway, err)
	}
	var told struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(answer.Data, &told); err != nil {
		return err
	}
	const notMember = 10044
	switch {
	case told.Error == nil:
		return nil
	case told.Error.ErrorCode == notMember:
		return fmt.Errorf("server %q: %w", name, ErrNoNode)
	default:
		return fmt.Errorf("server %q can't be removed: %s (%d)", name, told.Error.Description, told.Error.ErrorCode)
	}
}
