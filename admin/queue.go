package admin

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// ListQueue implements the rpc of that name.
func (s *service) ListQueue(ctx context.Context, request *pb.ListQueueRequest) (*pb.ListQueueResponse, error) {
	q, err := queueQuery(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	response := new(pb.ListQueueResponse)
	if q.after == nil {
		for _, queued := range s.describeQueue(s.config.Scheduler.Queued()) {
			if (q.method == "" || q.method == queued.GetMethod()) && (q.plugin == "" || q.plugin == queued.GetPlugin()) {
				response.Methods = append(response.Methods, queued)
			}
		}
	}
	if !request.GetMethodsOnly() {
		s.addDue(ctx, response, q)
	}
	s.addQueues(ctx, response, request, q.limit)
	return response, nil
}

// queueQuery checks a request.
func queueQuery(request *pb.ListQueueRequest) (*query, error) {
	filter := request.GetFilter()
	if filter == nil {
		filter = &pb.ExecutionFilter{Method: request.GetMethod(), Plugin: request.GetPlugin()}
	}
	q, err := filterQuery(filter)
	if err != nil {
		return nil, err
	}
	q.limit = pageSize(request.GetPageSize())
	q.after, err = parsePosition(request.GetPageToken())
	return q, err
}

// addDue adds the tasks of this node that wait for a time.
func (s *service) addDue(ctx context.Context, response *pb.ListQueueResponse, q *query) {
	p := page{query: q, at: dueOf}
	s.config.Scheduler.EachExecution(func(x *scheduler.Execution) {
		if !x.Due.IsZero() {
			p.add(x)
		}
	})
	if len(p.list) > q.limit {
		p.list = p.list[:q.limit]
		response.NextPageToken = dueOf(p.list[q.limit-1]).token()
	}
	for _, x := range p.list {
		response.Due = append(response.Due, s.describeExecution(ctx, x))
	}
}

// addQueues adds what waits on the other nodes.
func (s *service) addQueues(ctx context.Context, page *pb.ListQueueResponse, request *pb.ListQueueRequest, limit int) {
	more := page.GetNextPageToken() != ""
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.ListQueue) {
		if r.err != nil {
			page.UnansweredNodes = append(page.UnansweredNodes, r.node)
			continue
		}
		page.Methods = append(page.Methods, r.response.GetMethods()...)
		page.Due = append(page.Due, r.response.GetDue()...)
		more = more || r.response.GetNextPageToken() != ""
	}
	sortQueue(page.GetMethods())
	sortByPlace(page.GetDue(), placeInQueue)
	page.Due, page.NextPageToken = cut(page.GetDue(), placeInQueue, limit, more)
}

// dueOf returns where an execution stands in the order of ListQueue: the first to
// come first.
func dueOf(x *scheduler.Execution) position { return position{-x.Due.UnixNano(), x.ID} }

// placeInQueue is the same of one that a node has described.
func placeInQueue(x *pb.Execution) position {
	return position{-x.GetDueAt().AsTime().UnixNano(), x.GetId()}
}
