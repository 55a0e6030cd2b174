package nats

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// greetTimeout is how long another node's server has to say who it is.
const greetTimeout = 2 * time.Second

// maxGreeting bounds what it says in bytes.
const maxGreeting = 64 << 10

// errNamesake says that another node has this one's name.
var errNamesake = errors.New("another node of this name is in the cluster: give each one a name of its own")

// A greeting is what is at the address of another node.
type greeting struct {
	addr string
	name string // of the server there
	err  error  // why there is none
}

// greetOthers asks who is at the addresses of the other nodes.
func (e *Engine) greetOthers(ctx context.Context) []greeting {
	ctx, cancel := context.WithTimeout(ctx, greetTimeout)
	defer cancel()
	others := e.config.Cluster.others()
	greetings := make([]greeting, len(others))
	var all sync.WaitGroup
	for i, addr := range others {
		all.Go(func() {
			name, err := e.config.Cluster.greet(ctx, addr)
			greetings[i] = greeting{addr, name, err}
		})
	}
	all.Wait()
	return greetings
}

// greet returns the name of the server at an address, which each tells who connects to
// it.
func (c *Cluster) greet(ctx context.Context, addr string) (name string, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // all that is wanted has come
	if until, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(until); err != nil {
			return "", err
		}
	}
	if c.TLS != nil {
		config := c.TLS.Clone()
		host, _, _ := net.SplitHostPort(addr) // it was dialled
		config.ServerName = cmp.Or(config.ServerName, host)
		conn = tls.Client(conn, config)
	}
	line, err := bufio.NewReaderSize(conn, maxGreeting).ReadSlice('\n')
	if err != nil {
		return "", err
	}
	var told struct {
		Name string `json:"server_name"`
	}
	info, ok := bytes.CutPrefix(line, []byte("INFO "))
	if !ok || json.Unmarshal(info, &told) != nil {
		return "", errors.New("it is no node of a cluster")
	}
	return told.Name, nil
}

// checkName refuses a node whose name another one has: its server would take part in
// what the servers decide, in the place of that one's.
func (e *Engine) checkName(ctx context.Context) error {
	for _, g := range e.greetOthers(ctx) {
		if g.err == nil && g.name == ServerName(e.config.Node) {
			return fmt.Errorf("node %q, at %s: %w", e.config.Node, g.addr, errNamesake)
		}
	}
	return nil
}

// missing says which of the other nodes are not there, and why as far as it helps.
func (e *Engine) missing(ctx context.Context) string {
	var all []string
	for _, g := range e.greetOthers(ctx) {
		switch {
		case g.err == nil:
		case errors.Is(g.err, syscall.ECONNREFUSED):
			all = append(all, g.addr+" (nobody listens)")
		case errors.Is(g.err, context.DeadlineExceeded) || isTimeout(g.err):
			all = append(all, g.addr+" (no answer)")
		default:
			all = append(all, fmt.Sprintf("%s (%v)", g.addr, g.err))
		}
	}
	return strings.Join(all, ", ")
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// Reach says how many of the nodes of a cluster are reached, if these are too few to
// keep anything; else, and where nodes have no servers of their own, it is empty.
func (e *Engine) Reach() string {
	if e.config.Cluster == nil || e.server == nil {
		return ""
	}
	var all, needed int
	if m := e.group(); m != nil {
		all, needed = m.Size, m.QuorumNeeded
	} else {
		all = e.size()
		needed = all/2 + 1
	}
	reached := 1 + len(e.connected())
	if reached >= needed {
		return ""
	}
	return fmt.Sprintf("%d of %d nodes reached, %d needed", reached, all, needed)
}

// size is how many nodes the cluster has by its settings. Who finds it out may have to
// look hosts up, which takes long when the network is lost; callers who are told of that
// must not wait.
func (e *Engine) size() int {
	if known := e.nodes.Load(); known > 0 {
		return int(known)
	}
	return e.config.Cluster.size()
}

// tooFew tells whether it is certain that what is kept by several can't be kept now.
func (e *Engine) tooFew() bool {
	if e.config.Cluster == nil || e.server == nil {
		return false
	}
	m := e.group()
	return m != nil && 1+len(e.connected()) < m.QuorumNeeded
}

// group is what the own server knows of those that keep data together: after nodes were
// removed or have come, they are others than the settings tell. It is nil while that isn't
// known.
func (e *Engine) group() *server.MetaClusterInfo {
	info, err := e.server.Jsz(nil)
	if err != nil || info.Meta == nil || info.Meta.Size == 0 {
		return nil
	}
	return info.Meta
}

// connected returns the names of the servers that this one has connections to.
func (e *Engine) connected() map[string]bool {
	names := make(map[string]bool)
	routes, err := e.server.Routez(nil)
	if err != nil {
		return names
	}
	for _, r := range routes.Routes {
		names[r.RemoteName] = true
	}
	return names
}
