package cluster

import (
	"math/rand/v2"
	"slices"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
)

// Choose returns the least loaded of the nodes that take tasks and have all these
// methods, but for those that were tried.
func (c *Cluster) Choose(methods, tried []string) (node string, ok bool) {
	least, alike := 0, 0
	for _, p := range c.Members() {
		if !takes(&p, methods) || slices.Contains(tried, p.ID) {
			continue
		}
		load := p.Pending + p.Running + c.transport.InFlight(p.ID)
		switch {
		case !ok || load < least:
			node, ok, least, alike = p.ID, true, load, 1
		case load == least:
			if alike++; rand.IntN(alike) == 0 { //nolint:gosec // each of them as often as the others
				node = p.ID
			}
		}
	}
	return node, ok
}

// takes tells whether a node takes tasks and has all these methods.
func takes(p *members.Peer, methods []string) bool {
	if !p.Alive || p.Draining || p.Left {
		return false
	}
	for _, method := range methods {
		if _, has := slices.BinarySearch(p.Methods, method); !has {
			return false
		}
	}
	return true
}

// living returns the ids of the nodes that live.
func (c *Cluster) living() []string {
	var ids []string
	for _, p := range c.config.Members.List() {
		if p.Alive {
			ids = append(ids, p.ID)
		}
	}
	return ids
}
