package admin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// statsCommand shows how the server does.
type statsCommand struct {
	Interval time.Duration `default:"1s" help:"How often, from 1s to 1m."`
	Limit    limit         `default:"0" help:"How many lines to show; 0 is any number."`
}

// Run prints a line each interval until ctx ends, which is not a failure.
func (c *statsCommand) Run(ctx context.Context, s *Session) error {
	shown := 0
	err := s.Client.WatchStats(ctx, c.Interval, func(stats admin.Stats) error {
		if err := s.stats(&stats, shown == 0); err != nil {
			return err
		}
		if shown++; shown == int(c.Limit) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) || ctx.Err() != nil {
		return nil //nolint:nilerr // enough, or Ctrl-C: the ends that a user asks for
	}
	if err == nil {
		err = task.Errorf(task.Unavailable, "the server has ended the stream")
	}
	return s.Failed(err)
}

// stats prints a line, and before the first one what is in it.
func (s *Session) stats(stats *admin.Stats, first bool) error {
	if s.JSON {
		return table.JSON(s.Out, stats)
	}
	const form = "%-12s  %9s  %9s  %8s  %8s  %8s  %8s  %s\n"
	if first {
		_, err := fmt.Fprintf(s.Out, form, "TIME", "CALLS/S", "FAILED/S", "P50", "P99", "RUNNING", "PENDING", "ATTENTION")
		if err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Out, form, clockTime(stats.Time), fmt.Sprintf("%.1f", stats.Calls),
		fmt.Sprintf("%.1f", stats.Failures),
		table.Duration(stats.P50.Duration), table.Duration(stats.P99.Duration),
		strconv.Itoa(stats.Running), strconv.Itoa(stats.Pending),
		table.Line(strings.Join(stats.Attention, "; ")))
	return err
}
