package admin

import (
	"strings"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// A query is a request, checked.
type query struct {
	states         set[scheduler.State]
	method, plugin string
	id, idPrefix   string
	ids            set[string]
	caller         string
	node, retryOf  string
	codes          set[string]
	labels         map[string]string
	since, until   time.Time // zero: no bound
	after          *position // nil: from the start
	limit          int
	count          bool // all that match, with the first page
}

func newQuery(request *pb.ListExecutionsRequest) (*query, error) {
	q := &query{
		method: request.GetMethod(), plugin: request.GetPlugin(), idPrefix: request.GetIdPrefix(),
		codes: setOf(request.GetCodes()), labels: request.GetLabels(), limit: pageSize(request.GetPageSize()),
		caller: request.GetCaller(), node: request.GetNodeId(), retryOf: request.GetRetryOf(),
	}
	for _, wanted := range request.GetStates() {
		known := false
		for state, number := range executionStates {
			if number == wanted {
				q.states, known = q.states.with(state), true
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
	q.count = request.GetCount() && q.after == nil
	return q, err
}

// matches tells whether an execution is one of those that are meant.
func (q *query) matches(x *scheduler.Execution) bool {
	switch {
	case !q.states.allows(x.State),
		q.id != "" && x.ID != q.id, !strings.HasPrefix(x.ID, q.idPrefix),
		!q.ids.allows(x.ID),
		q.method != "" && x.Task.Name != q.method,
		q.plugin != "" && pluginOf(x.Task.Name) != q.plugin,
		q.retryOf != "" && x.RetryOf != q.retryOf,
		!hasLabels(x, q.labels),
		!q.codes.allows(codeOf(x)),
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

// A set is the values that a filter lets through; all if it is empty. However many a
// request names, looking costs the same: tasks wait for those who look.
type set[V comparable] map[V]struct{}

func setOf[V comparable](values []V) (s set[V]) {
	for _, v := range values {
		s = s.with(v)
	}
	return s
}

// with returns the set with one more value.
func (s set[V]) with(value V) set[V] {
	if s == nil {
		s = make(set[V])
	}
	s[value] = struct{}{}
	return s
}

// allows tells whether a value passes.
func (s set[V]) allows(value V) bool {
	_, ok := s[value]
	return ok || len(s) == 0
}
