package admin

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/client/admin"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// crowd is a server with so many dead letters and as many tasks that have not ended, of
// which the oldest can't be submitted again, or cancelled.
type crowd struct {
	showcase

	size, stuck uint32
	calls       []string
}

// act does what a request wants to as many as it can.
func (c *crowd) act(limit uint32, dry bool) (matched, done uint32, reason string) {
	c.calls = append(c.calls, fmt.Sprintf("%d %t", limit, dry))
	if matched = c.size; limit > 0 {
		matched = min(limit, c.size)
	}
	if dry {
		return matched, 0, ""
	}
	if done = matched - min(c.stuck, matched); done < matched {
		reason = "it can't be"
	}
	c.size -= done
	return matched, done, reason
}

func (c *crowd) RetryDeadLetters(_ context.Context, r *adminpb.RetryDeadLettersRequest) (*adminpb.RetryDeadLettersResponse, error) {
	response := new(adminpb.RetryDeadLettersResponse)
	response.Matched, response.Retried, response.Reason = c.act(r.GetLimit(), r.GetDryRun())
	for i := range response.GetRetried() {
		response.DeadLetters = append(response.DeadLetters, &adminpb.RetriedDeadLetter{Id: fmt.Sprint(c.size + i)})
	}
	return response, nil
}

func (c *crowd) CancelExecutions(_ context.Context, r *adminpb.CancelExecutionsRequest) (*adminpb.CancelExecutionsResponse, error) {
	response := new(adminpb.CancelExecutionsResponse)
	response.Matched, response.Cancelled, response.Reason = c.act(r.GetLimit(), r.GetDryRun())
	return response, nil
}

// TestWhatIsDoneToManyTellsHowFarItIs: each chunk, and that those which can't be don't
// keep the others from it.
func TestWhatIsDoneToManyTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		size, stuck, limit uint32
		told               []string
		calls              int // after the dry run
		done               int
	}{
		"none":           {},
		"a few":          {size: 3, told: []string{"0/3"}, calls: 1, done: 3},
		"some chunks":    {size: 1200, told: []string{"0/1200", "500/1200", "1000/1200"}, calls: 3, done: 1200},
		"a limit":        {size: 1200, limit: 501, told: []string{"0/501", "500/501"}, calls: 2, done: 501},
		"some can't be":  {size: 1200, stuck: 10, told: []string{"0/1200", "490/1200"}, calls: 2, done: 1190},
		"none can be":    {size: 1200, stuck: 1200, told: []string{"0/1200", "0/1200"}, calls: 2},
		"a few can't be": {size: 3, stuck: 1, told: []string{"0/3"}, calls: 1, done: 2},
	} {
		var told []string
		tell := func(done, all int) { told = append(told, fmt.Sprintf("%d/%d", done, all)) }
		check := func(what string, c *crowd, done int) {
			t.Helper()
			if done != test.done || !slices.Equal(told, test.told) || len(c.calls) != 1+test.calls {
				t.Errorf("%s, %s: %d done, told %v, called %v", name, what, done, told, c.calls)
			}
			told = nil
		}

		c := &crowd{size: test.size, stuck: test.stuck}
		got, err := retryAll(t.Context(), sessionOf(t, c).Client, admin.DeadLetterFilter{All: true, Limit: int(test.limit)}, tell)
		if err != nil || (got.Reason != "") != (test.stuck > 0) || len(got.Tasks) != min(got.Retried, maxTasksShown) {
			t.Errorf("%s: %d of %d, %q, %v", name, got.Retried, got.Matched, got.Reason, err)
		}
		check("retry", c, got.Retried)

		c = &crowd{size: test.size, stuck: test.stuck}
		matched, cancelled, err := cancelAll(t.Context(), sessionOf(t, c).Client, admin.Filter{Limit: int(test.limit)}, true, tell)
		if (err != nil) != (test.stuck > 0) || matched != got.Matched {
			t.Errorf("%s: %d of %d, %v", name, cancelled, matched, err)
		}
		check("cancel", c, cancelled)
	}
}

// TestWhatNobodyLooksAtIsOneCall: and so one line of the audit.
func TestWhatNobodyLooksAtIsOneCall(t *testing.T) {
	t.Parallel()
	c := &crowd{size: 1200}
	if got, err := retryAll(t.Context(), sessionOf(t, c).Client, admin.DeadLetterFilter{All: true}, nil); err != nil || got.Retried != 1200 || len(c.calls) != 1 {
		t.Errorf("retry: %v, %v, %v", got.Retried, err, c.calls)
	}
	c = &crowd{size: 1200}
	if _, n, err := cancelAll(t.Context(), sessionOf(t, c).Client, admin.Filter{}, true, nil); err != nil || n != 1200 || len(c.calls) != 1 {
		t.Errorf("cancel: %v, %v, %v", n, err, c.calls)
	}
}
