package admin

import (
	"cmp"
	"context"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/stats/curves"
	"github.com/taskscheduler/taskscheduler/task"
)

const (
	// The interval of WatchStats.
	shortestInterval, longestInterval = time.Second, time.Minute
	// How many methods its lists have.
	defaultTop, mostTop = 10, 100
	// maxWatchers bounds the streams of figures, each of which looks at all tasks that
	// wait, and as well those of events.
	maxWatchers = 64
)

// A statsWatch is a request of WatchStats, checked, and how far it has been
// answered.
type statsWatch struct {
	interval time.Duration
	top      int
	method   string
	next     uint64    // the number of the sample to come
	after    time.Time // of a method: when the last point was
	others   *queueWatch
}

func newStatsWatch(request *pb.WatchStatsRequest) (*statsWatch, error) {
	w := &statsWatch{
		interval: shortestInterval, method: request.GetMethod(), top: int(min(cmp.Or(request.GetTop(), defaultTop), mostTop)),
	}
	if asked := request.GetInterval(); asked != nil {
		w.interval = asked.AsDuration()
		if asked.CheckValid() != nil || w.interval < shortestInterval || w.interval > longestInterval {
			return nil, task.Errorf(task.InvalidArgument, "interval: want %s to %s", shortestInterval, longestInterval)
		}
	}
	if asked := request.GetHistory(); asked != nil {
		if asked.CheckValid() != nil || asked.AsDuration() < 0 {
			return nil, task.Errorf(task.InvalidArgument, "history: want how far back, or nothing for as far as there is any")
		}
		w.after = time.Now().Add(-asked.AsDuration())
	}
	return w, nil
}

// WatchStats implements the rpc of that name.
func (s *service) WatchStats(
	ctx context.Context, request *pb.WatchStatsRequest, stream *connect.ServerStream[pb.WatchStatsResponse],
) error {
	w, err := newStatsWatch(request)
	if err != nil {
		return rpc.Error(err)
	}
	leave, err := enter(ctx, &s.statsWatchers, maxWatchers)
	if err != nil {
		return rpc.Error(err)
	}
	defer leave()
	if w.method == "" {
		var stop func()
		w.others, stop = s.watchQueues(ctx)
		defer stop()
	}
	ticker := time.NewTicker(w.interval)
	defer ticker.Stop()
	for {
		answer, more := s.figures(ctx, w)
		if err := stream.Send(answer); err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return whyEnded(ctx)
		}
		select {
		case <-more: // the curve goes on
		case <-ctx.Done():
			return whyEnded(ctx)
		}
	}
}

// figures returns what is new, and what is closed when there is more of it.
func (s *service) figures(ctx context.Context, w *statsWatch) (*pb.WatchStatsResponse, <-chan struct{}) {
	samples, next, more := s.config.Curves.Since(w.next)
	w.next = next
	if w.method != "" {
		samples = s.config.Curves.Of(w.method, w.after)
	}
	answer := new(pb.WatchStatsResponse)
	for i := range samples {
		if samples[i].Time.After(w.after) {
			answer.Samples = append(answer.Samples, describeSample(&samples[i]))
			w.after = samples[i].Time
		}
	}
	queued := s.config.Scheduler.Queued()
	s.addMethods(answer, w.top, queued)
	answer.Queue = append(s.describeQueue(queued), w.others.methods()...)
	sortQueue(answer.GetQueue())
	answer.Queue = answer.GetQueue()[:min(w.top, len(answer.GetQueue()))]
	admitted := s.config.Scheduler.Admitted()
	answer.Seconds = curves.Recent
	answer.WaitingToStart, answer.BackingOff = rpc.Count(admitted.Starts), rpc.Count(admitted.Backoffs)
	answer.DeadLetters = rpc.Count(s.config.DeadLetters.Totals().Letters)
	answer.MemoryBytes = memory()
	answer.Draining = s.config.Scheduler.Draining()
	answer.Attention = s.attention(ctx)
	answer.Nodes = s.nodesNow()
	return answer, more
}

func describeSample(sample *curves.Sample) *pb.StatsSample {
	described := &pb.StatsSample{
		Time: timestamppb.New(sample.Time), Period: durationpb.New(sample.Period),
		Calls: sample.Calls, Failures: sample.Failures, Cancelled: sample.Cancelled,
		Running: rpc.Count(sample.Running), Pending: rpc.Count(sample.Pending), Overdue: rpc.Count(sample.Overdue),
	}
	described.P50, described.P99 = quantiles(sample)
	return described
}

// quantiles are absent when nothing ran.
func quantiles(sample *curves.Sample) (p50, p99 *durationpb.Duration) {
	if sample.Runs == 0 {
		return nil, nil
	}
	return durationpb.New(sample.P50), durationpb.New(sample.P99)
}

// top returns the first of a list by what is more, without those of which there is
// nothing.
func top[T any](list []T, n int, of func(*T) float64, name func(*T) string) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(x T) bool { return of(&x) <= 0 })
	slices.SortFunc(list, func(a, b T) int {
		return cmp.Or(cmp.Compare(of(&b), of(&a)), cmp.Compare(name(&a), name(&b)))
	})
	return list[:min(n, len(list))]
}
