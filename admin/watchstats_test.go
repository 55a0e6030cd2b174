package admin_test

import (
	"context"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/durationpb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// watchStats returns the answers of a server that is watched until the test ends.
func watchStats(t *testing.T, b *running, request *adminpb.WatchStatsRequest) func() *adminpb.WatchStatsResponse {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stream, err := b.client(t, 2, connect.WithGRPC()).WatchStats(ctx, request)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		stream.Close()
	})
	return func() *adminpb.WatchStatsResponse {
		t.Helper()
		if !stream.Receive() {
			t.Fatalf("the stream ends: %v", stream.Err())
		}
		return stream.Msg()
	}
}

func TestStatsAreWatched(t *testing.T) {
	b := run(t)
	for range 5 {
		if err := b.add(t, "", 1, 2, 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.add(t, "", "one"); err == nil {
		t.Fatal("nonsense succeeded")
	}
	b.hold(t, "held")
	next := watchStats(t, b, &adminpb.WatchStatsRequest{})
	var calls, failures uint64
	last := new(adminpb.WatchStatsResponse)
	for calls < 6 || len(last.GetBusiest()) == 0 || last.GetQueue()[0].GetRunning() != 1 {
		last = next()
		for _, sample := range last.GetSamples() {
			calls, failures = calls+sample.GetCalls(), failures+sample.GetFailures()
			if sample.GetPeriod().AsDuration() <= 0 || sample.GetTime() == nil || sample.GetCalls() > 0 && sample.GetP99() == nil {
				t.Errorf("a sample: %v", sample)
			}
		}
	}
	if nodes := last.GetNodes(); len(nodes) != 1 || !nodes[0].GetSelf() || nodes[0].GetId() == "" || nodes[0].GetSeenAt() == nil {
		t.Errorf("the nodes: %v", nodes)
	}
	if busiest := last.GetBusiest()[0]; calls != 6 || failures != 1 || busiest.GetMethod() != "add" || busiest.GetCallsPerSecond() <= 0 ||
		busiest.GetFailureShare() < 0.16 || busiest.GetFailureShare() > 0.17 || last.GetFailing()[0].GetMethod() != "add" || last.GetSlowest()[0].GetP99() == nil {
		t.Errorf("%d calls, %d failures, and %v", calls, failures, last)
	}
	if queued := last.GetQueue()[0]; queued.GetMethod() != "hold" || queued.GetPending() != 0 || len(last.GetAttention()) != 0 {
		t.Errorf("what waits, and needs attention: %v", last)
	}

	// Who comes now has the curve at once, and so has who looks at one method.
	if first := watchStats(t, b, &adminpb.WatchStatsRequest{})(); len(first.GetSamples()) < 2 {
		t.Errorf("the history: %v", first.GetSamples())
	}
	points := watchStats(t, b, &adminpb.WatchStatsRequest{Method: "add"})().GetSamples()
	if len(points) == 0 || points[0].GetCalls() != 6 || points[0].GetPeriod().AsDuration() != 5*time.Second {
		t.Errorf("of one method: %v", points)
	}
	if none := watchStats(t, b, &adminpb.WatchStatsRequest{History: durationpb.New(0)})().GetSamples(); len(none) > 1 {
		t.Errorf("without history: %v", none)
	}
}

func TestWhatNeedsAttentionIsTold(t *testing.T) {
	b := run(t)
	if _, err := b.admin.Drain(t.Context(), &adminpb.DrainRequest{}); err != nil {
		t.Fatal(err)
	}
	got := watchStats(t, b, &adminpb.WatchStatsRequest{})()
	if len(got.GetAttention()) != 1 || got.GetAttention()[0].GetKind() != adminpb.AttentionKind_ATTENTION_KIND_DRAINING ||
		!got.GetAttention()[0].GetUrgent() || !got.GetDraining() {
		t.Errorf("while it drains: %v", got.GetAttention())
	}
}

func TestWrongWatchesAreRefused(t *testing.T) {
	b := run(t)
	for _, wrong := range []*adminpb.WatchStatsRequest{
		{Interval: durationpb.New(time.Millisecond)}, {Interval: durationpb.New(time.Hour)}, {History: durationpb.New(-1)},
	} {
		stream, err := b.admin.WatchStats(t.Context(), wrong)
		if err == nil {
			stream.Receive()
			err = stream.Err()
			stream.Close()
		}
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}
