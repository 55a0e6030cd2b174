package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// ListExecutions implements the rpc of that name.
func (s *service) ListExecutions(
	_ context.Context, request *pb.ListExecutionsRequest,
) (*pb.ListExecutionsResponse, error) {
	q, err := newQuery(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	found := s.search(q)
	response := new(pb.ListExecutionsResponse)
	if len(found) > q.limit {
		found = found[:q.limit]
		response.NextPageToken = positionOf(found[q.limit-1]).token()
	}
	for _, x := range found {
		response.Executions = append(response.Executions, describeExecution(x))
	}
	return response, nil
}

// A query is a request, checked.
type query struct {
	states         []scheduler.State
	method, plugin string
	id, idPrefix   string
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

// matches tells whether an execution belongs on this page or one after it.
func (q *query) matches(x *scheduler.Execution) bool {
	switch {
	case len(q.states) > 0 && !slices.Contains(q.states, x.State),
		q.method != "" && x.Task.Name != q.method,
		q.plugin != "" && pluginOf(x.Task.Name) != q.plugin,
		q.id != "" && x.ID != q.id, !strings.HasPrefix(x.ID, q.idPrefix),
		!hasLabels(x, q.labels),
		len(q.codes) > 0 && !slices.Contains(q.codes, codeOf(x)),
		!q.since.IsZero() && x.Submitted.Before(q.since),
		!q.until.IsZero() && !x.Submitted.Before(q.until),
		q.after != nil && positionOf(x).compare(*q.after) <= 0:
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

// search returns the executions of a page, newest first, and one more if there
// is one.
func (s *service) search(q *query) []*scheduler.Execution {
	// In this order none is missed that ends between the two; such a one is in
	// both, and counts as ended. So is one that is overdue.
	live, ended := s.config.Scheduler.Executions(), s.config.History.Recent()
	var page []*scheduler.Execution
	overdue := make(map[position]bool)
	for i := range live {
		if live[i].Overdue {
			overdue[positionOf(&live[i])] = true
		}
	}
	over := make(map[position]bool, len(ended))
	for i := range ended {
		at := positionOf(&ended[i])
		over[at] = true
		ended[i].Overdue = overdue[at]
		page = q.insert(page, &ended[i])
	}
	for i := range live {
		if !over[positionOf(&live[i])] {
			page = q.insert(page, &live[i])
		}
	}
	return page
}

// insert puts x where it belongs on the page, if it does, and returns the page
// with what is on it then. There may be very many executions, so those that
// don't get on it cost little.
func (q *query) insert(page []*scheduler.Execution, x *scheduler.Execution) []*scheduler.Execution {
	if !q.matches(x) {
		return page
	}
	at, _ := slices.BinarySearchFunc(page, positionOf(x), func(other *scheduler.Execution, p position) int {
		return positionOf(other).compare(p)
	})
	if at > q.limit {
		return page
	}
	page = slices.Insert(page, at, x)
	return page[:min(len(page), q.limit+1)]
}

var executionStates = map[scheduler.State]pb.ExecutionState{
	scheduler.Pending:   pb.ExecutionState_EXECUTION_STATE_PENDING,
	scheduler.Running:   pb.ExecutionState_EXECUTION_STATE_RUNNING,
	scheduler.Succeeded: pb.ExecutionState_EXECUTION_STATE_SUCCEEDED,
	scheduler.Failed:    pb.ExecutionState_EXECUTION_STATE_FAILED,
	scheduler.Cancelled: pb.ExecutionState_EXECUTION_STATE_CANCELLED,
}

func describeExecution(x *scheduler.Execution) *pb.Execution {
	described := &pb.Execution{
		Id:          x.ID,
		Method:      x.Task.Name,
		State:       executionStates[x.State],
		Code:        codeOf(x),
		Message:     text(x.Message),
		Detached:    x.Detached,
		Attempt:     x.Attempt,
		Overdue:     x.Overdue,
		Plugin:      pluginOf(x.Task.Name),
		MaxAttempts: allowed(x),
		RetryOf:     x.RetryOf,
		SubmittedAt: timestamppb.New(x.Submitted),
		Labels:      x.Labels,
	}
	if !x.Started.IsZero() {
		described.StartedAt = timestamppb.New(x.Started)
		described.Duration = durationpb.New(x.Duration())
	}
	if !x.Due.IsZero() {
		described.DueAt = timestamppb.New(x.Due)
	}
	if !x.Ended.IsZero() {
		described.EndedAt = timestamppb.New(x.Ended)
	}
	return described
}

// allowed returns how often an execution may run, but not for one that runs once,
// as nearly all do.
func allowed(x *scheduler.Execution) uint32 {
	if x.MaxAttempts == 1 {
		return 0
	}
	return x.MaxAttempts
}

// codeOf returns why an execution failed, as gRPC spells it, or "".
func codeOf(x *scheduler.Execution) string {
	if x.Code == task.OK {
		return ""
	}
	return x.Code.String()
}
