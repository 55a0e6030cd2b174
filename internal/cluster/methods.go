package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

const (
	// methodsPath is where a node tells which methods it can run, if they are too many to
	// be told with each sign of life.
	methodsPath = "/cluster/methods"
	// methodName is the number of a list's fields.
	methodName = 1
	// maxAnnounced is how many bytes of names are told with each sign of life.
	maxAnnounced = 8 << 10
	// learnTime is how long a node may take to tell them, and learnAgain how long after a
	// failure it is asked again.
	learnTime  = 10 * time.Second
	learnAgain = time.Second
)

// methods are the methods of this node, and of those others that have very many.
type methods struct {
	mu     sync.Mutex
	own    methodList
	others map[string]methodList // by node
}

// A methodList is what a node can run.
type methodList struct {
	names []string
	sum   string // empty: they are few
}

// short returns what is told of this node with each sign of life.
func (m *methods) short(self members.Member) members.Member {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Equal(m.own.names, self.Methods) {
		m.own = methodList{names: self.Methods}
		if list := encodeMethods(self.Methods); len(list) > maxAnnounced {
			m.own.sum = sumOf(list)
		}
	}
	if self.MethodsSum = m.own.sum; self.MethodsSum != "" {
		self.Methods = nil
	}
	return self
}

// complete adds the methods that are not told with each sign of life.
func (m *methods) complete(all []members.Peer) []members.Peer {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range all {
		if all[i].MethodsSum != "" {
			all[i].Methods = m.others[all[i].ID].names // perhaps not the newest ones yet
		}
	}
	return all
}

// answer answers a node that asks for this one's methods.
func (m *methods) answer(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	names := m.own.names
	m.mu.Unlock()
	_, _ = w.Write(encodeMethods(names)) // who has asked may have gone
}

// learn asks nodes for their methods when these have changed, until Close.
func (c *Cluster) learn() {
	for c.alive.Err() == nil {
		changed := c.config.Members.Changed()
		var again <-chan time.Time
		if !c.learnAll() {
			again = time.After(learnAgain)
		}
		select {
		case <-c.alive.Done():
		case <-changed:
		case <-again:
		}
	}
}

// learnAll reports whether it knows the methods of all.
func (c *Cluster) learnAll() (known bool) {
	m, all := &c.methods, c.config.Members.List()
	m.mu.Lock()
	for id := range m.others {
		if !slices.ContainsFunc(all, func(p members.Peer) bool { return p.ID == id }) {
			delete(m.others, id)
		}
	}
	m.mu.Unlock()
	known = true
	for _, p := range all {
		m.mu.Lock()
		before := m.others[p.ID]
		m.mu.Unlock()
		if !p.Alive || p.MethodsSum == before.sum {
			continue
		}
		list := methodList{} // they are few now
		if p.MethodsSum != "" {
			var err error
			if list, err = c.methodsOf(p.ID); err != nil {
				c.config.Logger.Warn("a node does not tell which methods it has; it is asked again", "node", p.ID, "error", err)
				known = false
				continue
			}
		}
		m.mu.Lock()
		m.others[p.ID] = list
		m.mu.Unlock()
		known = known && list.sum == p.MethodsSum // else they have changed meanwhile
	}
	return known
}

// methodsOf asks a node.
func (c *Cluster) methodsOf(node string) (list methodList, err error) {
	ctx, cancel := context.WithTimeout(c.alive, learnTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, tunnel.URL(node)+methodsPath, http.NoBody)
	if err != nil {
		return list, err
	}
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return list, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return list, fmt.Errorf("status %s", answer.Status)
	}
	b, err := readAll(answer.Body)
	if err != nil {
		return list, err
	}
	names, err := parseMethods(b)
	return methodList{names: names, sum: sumOf(b)}, err
}

func encodeMethods(names []string) (b []byte) {
	for _, name := range names {
		b = tagged.AppendBytes(b, methodName, name)
	}
	return b
}

func parseMethods(b []byte) (names []string, err error) {
	fields := tagged.Read(b)
	for fields.Next() {
		if fields.Number == methodName {
			names = append(names, string(fields.Bytes))
		}
	}
	return names, fields.Err()
}

// sumOf tells lists apart.
func sumOf(list []byte) string {
	sum := sha256.Sum256(list)
	return hex.EncodeToString(sum[:])
}
