package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

var _ scheduler.Others = (*Cluster)(nil)

const (
	// tasksPath is where a node takes tasks over that another one, which lives, has
	// accepted: it is sent them, and answers once it keeps them itself.
	tasksPath = "/cluster/tasks"
	// fromNode is the parameter with that one's id.
	fromNode = "from"
	// giveTime is how long that may take.
	giveTime = 10 * time.Second
	// maxReason bounds what is told of a failure.
	maxReason = 1 << 10
)

var errNobody = errors.New("no other node can run them")

// CanRun implements [scheduler.Others].
func (c *Cluster) CanRun(method string) bool {
	_, ok := c.Choose([]string{method}, nil)
	return ok
}

// Give implements [scheduler.Others].
func (c *Cluster) Give(ctx context.Context, method string, tasks []queue.Record) error {
	node, ok := c.Choose([]string{method}, nil)
	if !ok {
		return errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, giveTime)
	defer cancel()
	to := tunnel.URL(node) + tasksPath + "?" + url.Values{fromNode: {c.config.Node}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(queue.Encode(tasks)))
	if err != nil {
		return err
	}
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("node %s: %w", node, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(io.LimitReader(answer.Body, maxReason)) // as much of it as there is
		return fmt.Errorf("node %s: %s", node, reason)
	}
	return nil
}

// answerTasks answers Give.
func answerTasks(w http.ResponseWriter, r *http.Request, take func(context.Context, string, []queue.Record) error) {
	from := r.URL.Query().Get(fromNode)
	var tasks []queue.Record
	message, err := readAll(r.Body)
	if err == nil {
		tasks, err = queue.Decode(message)
	}
	if err == nil {
		err = take(r.Context(), from, tasks)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}
