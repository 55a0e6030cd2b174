package admin

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats/curves"
)

// addMethods adds the methods that stand out to an answer.
func (s *service) addMethods(answer *pb.WatchStatsResponse, n int, queued []scheduler.Queued) {
	methods := s.config.Curves.Methods()
	waiting := make(map[string]*scheduler.Queued, len(queued))
	for i := range queued {
		waiting[queued[i].Task.Name] = &queued[i]
	}
	list := func(of func(*curves.Method) float64) (described []*pb.MethodStats) {
		for _, m := range top(methods, n, of, func(m *curves.Method) string { return m.Name }) {
			described = append(described, describeMethod(&m, waiting[m.Name]))
		}
		return described
	}
	answer.Busiest = list(func(m *curves.Method) float64 { return float64(m.Calls) })
	answer.Slowest = list(func(m *curves.Method) float64 { return m.P99.Seconds() })
	answer.Failing = list(func(m *curves.Method) float64 { return float64(m.Failures) })
}

func describeMethod(m *curves.Method, waiting *scheduler.Queued) *pb.MethodStats {
	seconds := m.Period.Seconds()
	described := &pb.MethodStats{
		Method: m.Name, Plugin: pluginOf(m.Name),
		CallsPerSecond: float64(m.Calls) / seconds, FailuresPerSecond: float64(m.Failures) / seconds,
		FailureShare: float64(m.Failures) / float64(m.Calls),
	}
	described.P50, described.P99 = quantiles(&m.Sample)
	if waiting != nil {
		described.Running, described.Pending = rpc.Count(waiting.Running), rpc.Count(waiting.Pending)
	}
	return described
}

// sortQueue puts first of what most waits.
func sortQueue(queue []*pb.QueuedMethod) {
	slices.SortFunc(queue, func(a, b *pb.QueuedMethod) int {
		return cmp.Or(
			cmp.Compare(b.GetPending(), a.GetPending()), cmp.Compare(b.GetRunning(), a.GetRunning()),
			cmp.Compare(a.GetMethod(), b.GetMethod()), cmp.Compare(a.GetNodeId(), b.GetNodeId()),
		)
	})
}

// describeQueue describes what waits on this node.
func (s *service) describeQueue(queued []scheduler.Queued) []*pb.QueuedMethod {
	described := make([]*pb.QueuedMethod, len(queued))
	for i := range queued {
		q := &queued[i]
		described[i] = &pb.QueuedMethod{
			Method: q.Task.Name, Plugin: pluginOf(q.Task.Name), NodeId: s.config.NodeID,
			Pending: rpc.Count(q.Pending), Running: rpc.Count(q.Running), Overdue: rpc.Count(q.Overdue),
			WaitingToStart: rpc.Count(q.Starts), BackingOff: rpc.Count(q.Backoffs),
		}
		if !q.Oldest.IsZero() {
			described[i].OldestSubmittedAt = timestamppb.New(q.Oldest)
		}
	}
	return described
}
