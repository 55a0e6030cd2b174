package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// askTime is how long the other nodes have to say whether they have a task.
const askTime = time.Second

// Locate returns the node that has a task that has not ended. The error says that
// not all that may have it have answered, or that others are about to have it.
func (c *Cluster) Locate(ctx context.Context, id string) (node string, ok bool, err error) {
	if !scheduler.PossibleID(id) {
		return "", false, nil
	}
	claim, err := c.config.Claims.Holder(ctx, id)
	switch {
	case err != nil:
		return "", false, fmt.Errorf("whose it is can't be known: %w", err)
	case claim.Holder != "":
		return claim.Holder, true, c.gone(func(node string) bool { return node == claim.Holder })
	case claim.Ended:
		return "", false, nil
	case claim.Mine && !c.config.Members.Sure():
		return "", false, errTaken
	}
	sighting, ok, err := c.ask(ctx, id, "")
	return sighting.Node, ok, err
}

// errTaken says that a task was this node's, which others may have taken for dead.
var errTaken = errors.New("the node that had it was cut off; another one may have taken it over")

// Find implements [scheduler.Elsewhere].
func (c *Cluster) Find(ctx context.Context, id string) (scheduler.Sighting, bool, error) {
	claim, err := c.config.Claims.Holder(ctx, id)
	if err == nil && claim.Ended {
		return scheduler.Sighting{}, false, nil
	}
	return c.ask(ctx, id, claim.Holder) // who may know though the store doesn't tell
}

// ask asks the node that holds an id and those that may have made it, and then all
// others at once.
func (c *Cluster) ask(ctx context.Context, id, holder string) (found scheduler.Sighting, ok bool, missed error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	nodes := c.living()
	for _, likely := range []func(string) bool{
		func(node string) bool { return node == holder || scheduler.MadeBy(id, node) },
		func(string) bool { return true },
	} {
		var asked []string
		nodes = slices.DeleteFunc(nodes, func(node string) bool {
			if !likely(node) {
				return false
			}
			asked = append(asked, node)
			return true
		})
		var err error
		if found, ok, err = c.askAll(ctx, id, asked); ok {
			return found, true, nil
		}
		if err != nil {
			missed = err
		}
	}
	if missed == nil {
		missed = c.gone(func(node string) bool { return scheduler.MadeBy(id, node) })
	}
	return scheduler.Sighting{}, false, missed
}

// gone is the error for an id that may be of a node that is dead, as long as nobody has
// taken over its tasks.
func (c *Cluster) gone(mayHave func(node string) bool) error {
	for _, p := range c.config.Members.List() {
		if !p.Alive && mayHave(p.ID) {
			return fmt.Errorf("node %s is gone, and its tasks are not taken over yet", p.ID)
		}
	}
	return nil
}

// askAll asks nodes at once and returns the first sighting. The error is that of one
// that has not answered.
func (c *Cluster) askAll(ctx context.Context, id string, nodes []string) (found scheduler.Sighting, ok bool, missed error) {
	type answer struct {
		sighting scheduler.Sighting
		ok       bool
		err      error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan answer, len(nodes))
	for _, node := range nodes {
		go func() {
			sighting, ok, err := c.sight(ctx, node, id)
			answers <- answer{sighting, ok, err}
		}()
	}
	for range nodes {
		a := <-answers
		if a.ok {
			return a.sighting, true, nil
		}
		if a.err != nil {
			missed = a.err
		}
	}
	return scheduler.Sighting{}, false, missed
}

// sight asks one node.
func (c *Cluster) sight(ctx context.Context, node, id string) (sighting scheduler.Sighting, ok bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, tunnel.URL(node)+sightPath, strings.NewReader(id))
	if err != nil {
		return sighting, false, err
	}
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return sighting, false, fmt.Errorf("node %s: %w", node, err)
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return sighting, false, nil
	default:
		return sighting, false, fmt.Errorf("node %s answers %s", node, answer.Status)
	}
	b, err := readAll(answer.Body)
	if err == nil {
		sighting, err = parseSight(b)
	}
	if err != nil {
		return sighting, false, fmt.Errorf("node %s: %w", node, err)
	}
	sighting.Node = node
	return sighting, true, nil
}
