package admin

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// ListQueue implements the rpc of that name.
func (s *service) ListQueue(ctx context.Context, request *pb.ListQueueRequest) (*pb.ListQueueResponse, error) {
	after, err := parsePosition(request.GetPageToken())
	if err != nil {
		return nil, rpc.Error(err)
	}
	q := &query{method: request.GetMethod(), plugin: request.GetPlugin(), limit: pageSize(request.GetPageSize()), after: after}
	response := new(pb.ListQueueResponse)
	if after == nil {
		for _, queued := range describeQueue(s.config.Scheduler.Queued(), 0) {
			if (q.method == "" || q.method == queued.GetMethod()) && (q.plugin == "" || q.plugin == queued.GetPlugin()) {
				response.Methods = append(response.Methods, queued)
			}
		}
	}
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
	return response, nil
}

// dueOf returns where an execution stands in the order of ListQueue: the first to
// come first.
func dueOf(x *scheduler.Execution) position { return position{-x.Due.UnixNano(), x.ID} }
