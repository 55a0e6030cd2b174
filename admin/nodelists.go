package admin

import (
	"context"
	"errors"
	"slices"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// addOthers adds the executions of the other nodes to a page of this one's.
func (s *service) addOthers(ctx context.Context, page *pb.ListExecutionsResponse, request *pb.ListExecutionsRequest, limit int) {
	more := page.GetNextPageToken() != ""
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.ListExecutions) {
		if r.err != nil {
			page.UnansweredNodes = append(page.UnansweredNodes, r.node)
			continue
		}
		page.Executions = append(page.Executions, r.response.GetExecutions()...)
		page.Total += r.response.GetTotal()
		more = more || r.response.GetNextPageToken() != ""
	}
	sortByPlace(page.GetExecutions(), placeOf)
	page.Executions, page.NextPageToken = cut(page.GetExecutions(), placeOf, limit, more)
}

// sortByPlace puts what all nodes have in the order of the list.
func sortByPlace[T any](all []T, place func(T) position) {
	slices.SortStableFunc(all, func(a, b T) int { return place(a).compare(place(b)) })
}

// cut returns the first of what all nodes have, which is sorted by their places, and the
// token to go on with, if there are more.
func cut[T any](all []T, place func(T) position, limit int, more bool) (page []T, next string) {
	if len(all) > limit {
		all, more = all[:limit], true
	}
	if more && len(all) > 0 {
		next = place(all[len(all)-1]).token()
	}
	return all, next
}

// placeOf is the position of an execution that a node has described.
func placeOf(x *pb.Execution) position {
	return position{x.GetSubmittedAt().AsTime().UnixNano(), x.GetId()}
}

// executionElsewhere is what another node knows of an execution.
func (s *service) executionElsewhere(ctx context.Context, request *pb.GetExecutionRequest) (*pb.GetExecutionResponse, error) {
	var newest *pb.GetExecutionResponse
	unknown := error(errUnknown)
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.GetExecution) {
		switch {
		case r.err == nil:
			if newest == nil || placeOf(r.response.GetExecution()).compare(placeOf(newest.GetExecution())) < 0 {
				newest = r.response
			}
		case connect.CodeOf(r.err) == connect.CodeNotFound:
		case connect.IsWireError(r.err):
			unknown = saidBy(r.err)
		default:
			unknown = task.Errorf(task.Unavailable, "no node that answers knows the execution, and node %s does not answer", r.node)
		}
	}
	if newest != nil {
		return newest, nil
	}
	return nil, unknown
}

// cancelElsewhere cancels a task that another node has; ok is false if none has it.
func (s *service) cancelElsewhere(ctx context.Context, id string) (response *pb.CancelExecutionResponse, ok bool, err error) {
	request := &pb.CancelExecutionRequest{Id: id}
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.CancelExecution) {
		switch {
		case r.err == nil:
			return r.response, true, nil
		case connect.CodeOf(r.err) != connect.CodeNotFound && connect.IsWireError(r.err):
			err = saidBy(r.err)
		case !connect.IsWireError(r.err):
			err = task.Errorf(task.Unavailable, "no node that answers has the task, and node %s does not answer", r.node)
		}
	}
	return nil, err != nil, err
}

// cancelAllElsewhere has the other nodes cancel tasks, and adds what came of it.
func (s *service) cancelAllElsewhere(ctx context.Context, request *pb.CancelExecutionsRequest, all *pb.CancelExecutionsResponse) {
	limit := commonLimit{left: &request.Limit, all: request.GetLimit(), used: all.GetMatched}
	all.UnansweredNodes = changeEach(ctx, s, request.GetDryRun(), request, limit,
		adminpbconnect.AdminServiceClient.CancelExecutions, func(response *pb.CancelExecutionsResponse) {
			all.Matched += response.GetMatched()
			all.Cancelled += response.GetCancelled()
			if all.GetReason() == "" {
				all.Reason = response.GetReason()
			}
		})
}

// saidBy is another node's error as this one gives it.
func saidBy(err error) error {
	if said, ok := errors.AsType[*connect.Error](err); ok {
		return task.Errorf(task.Code(said.Code()), "%s", said.Message())
	}
	return err
}

// wantsOnly tells whether a request is for this node's executions alone.
func (s *service) wantsOnly(request *pb.ListExecutionsRequest) bool {
	return request.GetNodeId() == s.config.NodeID
}
