package admin

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Stats is how the server does: what happened since the last of them, and what there
// is now.
type Stats struct {
	Time time.Time `json:"time"`
	// Calls are the executions that ended in a second, Failures those of them that
	// failed.
	Calls    float64 `json:"calls_per_second"`
	Failures float64 `json:"failures_per_second"`
	// P50 and P99 are of how long they ran.
	P50 Duration `json:"p50_seconds"`
	P99 Duration `json:"p99_seconds"`

	Running int `json:"running"`
	Pending int `json:"pending"`
	Overdue int `json:"overdue"`
	// Attention is what an operator should look at, the urgent first.
	Attention []string `json:"attention,omitempty"`
}

// WatchStats calls handle each interval, from a second to a minute, until ctx ends or
// handle returns an error.
func (c *Client) WatchStats(ctx context.Context, interval time.Duration, handle func(Stats) error) error {
	streaming, cancel := context.WithCancel(ctx)
	stream, err := c.rpc.WatchStats(streaming, &adminpb.WatchStatsRequest{
		Interval: durationpb.New(interval), History: durationpb.New(interval),
	})
	if err != nil {
		cancel()
		return c.link.ErrorOf(ctx, err)
	}
	defer func() {
		cancel()           // else Close would read on for a while
		_ = stream.Close() // stream.Err tells what went wrong
	}()
	for stream.Receive() {
		if len(stream.Msg().GetSamples()) == 0 {
			continue // the server has just begun
		}
		if err := handle(newStats(stream.Msg())); err != nil {
			return err
		}
	}
	return c.link.ErrorOf(ctx, stream.Err())
}

func newStats(m *adminpb.WatchStatsResponse) Stats {
	var read Stats
	var seconds float64
	for _, sample := range m.GetSamples() {
		seconds += sample.GetPeriod().AsDuration().Seconds()
		read.Calls += float64(sample.GetCalls())
		read.Failures += float64(sample.GetFailures())
		read.P50.Duration = max(read.P50.Duration, sample.GetP50().AsDuration())
		read.P99.Duration = max(read.P99.Duration, sample.GetP99().AsDuration())
		read.Time = moment(sample.GetTime())
		read.Running, read.Pending, read.Overdue = int(sample.GetRunning()), int(sample.GetPending()), int(sample.GetOverdue())
	}
	read.Calls /= seconds
	read.Failures /= seconds
	for _, a := range m.GetAttention() {
		text := a.GetMessage()
		if a.GetSubject() != "" {
			text = "plugin " + a.GetSubject() + ": " + word(a.GetKind(), "ATTENTION_KIND_PLUGIN_") + " " + text
		}
		read.Attention = append(read.Attention, text)
	}
	return read
}
