package admin

import (
	"slices"
	"strings"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// A query is a request, checked.
type query struct {
	states         []scheduler.State
	method, plugin string
	id, idPrefix   string
	ids            []string
	caller         string
	node, retryOf  string
	codes          []string
	labels         map[string]string
	since, until   time.Time // zero: no bound
	after          *position // nil: from the start
	limit          int
}

func newQuery(request *pb.ListExecutionsRequest) (*query, error) {
	q := &query{
		method: request.GetMethod(), plugin: request.GetPlugin(), idPrefix: request.GetIdPrefix(), codes: request.GetCodes(),
		labels: request.GetLabels(), limit: pageSize(request.GetPageSize()),
		caller: request.GetCaller(), node: request.GetNodeId(), retryOf: request.GetRetryOf(),
	}
	for _, wanted := range request.GetStates() {
		known := false
		for state, number := range executionStates {
			if number == wanted {
				q.states, known = append(q.states, state), true
			}
		}
		if !known {
			return nil, task.Errorf(task.InvalidArgument, "%s is not a state that an execution can be in", wanted)
		}
	}
	var err error
	if q.since, err = momentOf(request.GetSince()); err != nil {
		return nil, err
	}
	if q.until, err = momentOf(request.GetUntil()); err != nil {
		return nil, err
	}
	q.after, err = parsePosition(request.GetPageToken())
	return q, err
}

// matches tells whether an execution is one of those that are meant.
func (q *query) matches(x *scheduler.Execution) bool {
	switch {
	case len(q.states) > 0 && !slices.Contains(q.states, x.State),
		q.id != "" && x.ID != q.id, !strings.HasPrefix(x.ID, q.idPrefix),
		len(q.ids) > 0 && !slices.Contains(q.ids, x.ID),
		q.method != "" && x.Task.Name != q.method,
		q.plugin != "" && pluginOf(x.Task.Name) != q.plugin,
		q.retryOf != "" && x.RetryOf != q.retryOf,
		!hasLabels(x, q.labels),
		len(q.codes) > 0 && !slices.Contains(q.codes, codeOf(x)),
		!q.since.IsZero() && x.Submitted.Before(q.since),
		!q.until.IsZero() && !x.Submitted.Before(q.until),
		q.caller != "" && callerName(x.Caller) != q.caller:
		return false
	default:
		return true
	}
}

// hasLabels tells whether x has them all, with these values.
func hasLabels(x *scheduler.Execution, labels map[string]string) bool {
	for key, value := range labels {
		if has, ok := x.Labels[key]; !ok || has != value {
			return false
		}
	}
	return true
}
