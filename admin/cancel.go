package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// CancelExecutions implements the rpc of that name.
func (s *service) CancelExecutions(
	ctx context.Context, request *pb.CancelExecutionsRequest,
) (*pb.CancelExecutionsResponse, error) {
	q, err := cancelQuery(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	open := s.open(q)
	if limit := int(request.GetLimit()); limit > 0 {
		open = open[:min(limit, len(open))]
	}
	response := &pb.CancelExecutionsResponse{Matched: rpc.Count(len(open))}
	if request.GetDryRun() {
		s.cancelAllElsewhere(ctx, request, response)
		return response, nil
	}
	s.cancelEach(ctx, open, response)
	var reason error
	if response.GetReason() != "" {
		reason = errors.New(response.GetReason())
	}
	if s.worthALine(ctx, len(open)) {
		s.audit(ctx, "cancel executions", targetOf(request.GetFilter()), reason,
			slog.Int("matched", len(open)), slog.Int("cancelled", int(response.GetCancelled())))
	}
	s.cancelAllElsewhere(ctx, request, response)
	return response, nil
}

// cancelQuery checks a request.
func cancelQuery(request *pb.CancelExecutionsRequest) (*query, error) {
	if err := checkChosen(request.GetFilter(), request.GetAll(), "executions"); err != nil {
		return nil, err
	}
	return filterQuery(request.GetFilter())
}

// filterQuery checks a filter.
func filterQuery(filter *pb.ExecutionFilter) (*query, error) {
	q, err := newQuery(&pb.ListExecutionsRequest{
		States: filter.GetStates(), Method: filter.GetMethod(), Plugin: filter.GetPlugin(), IdPrefix: filter.GetIdPrefix(),
		Labels: filter.GetLabels(), Caller: filter.GetCaller(), Since: filter.GetSince(), Until: filter.GetUntil(),
	})
	if err != nil {
		return nil, err
	}
	q.ids = setOf(filter.GetIds())
	return q, nil
}

// open returns where those stand that a query chooses and that have not ended, the oldest
// first.
func (s *service) open(q *query) (found []position) {
	s.config.Scheduler.EachExecution(func(x *scheduler.Execution) {
		if !x.State.Ended() && q.matches(x) {
			found = append(found, positionOf(x))
		}
	})
	slices.SortFunc(found, func(a, b position) int { return b.compare(a) })
	return found
}

// cancelEach cancels tasks until the caller has left.
func (s *service) cancelEach(ctx context.Context, open []position, response *pb.CancelExecutionsResponse) {
	for _, at := range open {
		c, err := s.config.Scheduler.Cancel(ctx, at.id)
		switch {
		case err != nil && response.GetReason() == "":
			response.Reason = text(fmt.Sprintf("%s: %s: %v", at.id, task.ErrorOf(err).Code, err))
		case err == nil && c.Done:
			response.Cancelled++
		}
		if ctx.Err() != nil {
			return
		}
	}
}

// targetOf is what an audit line says of the executions that were meant.
func targetOf(filter *pb.ExecutionFilter) string {
	letters := letterFilter{DeadLetterFilter: &pb.DeadLetterFilter{
		Ids: filter.GetIds(), IdPrefix: filter.GetIdPrefix(), Method: filter.GetMethod(), Plugin: filter.GetPlugin(),
		Labels: filter.GetLabels(),
	}}
	letters.since, _ = momentOf(filter.GetSince()) // it was checked
	letters.until, _ = momentOf(filter.GetUntil())
	parts := []string{letters.String()}
	if filter.GetCaller() != "" {
		parts = append(parts, "caller="+filter.GetCaller())
	}
	for _, state := range filter.GetStates() {
		parts = append(parts, "state="+strings.ToLower(strings.TrimPrefix(state.String(), "EXECUTION_STATE_")))
	}
	if target := strings.TrimSpace(strings.Join(parts, " ")); target != "" {
		return target
	}
	return "all"
}
