package admin

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/client/admin"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// letterBox is a server with so many dead letters, of which the oldest can't be
// submitted again.
type letterBox struct {
	showcase

	letters, stuck uint32
	calls          []string
}

func (b *letterBox) RetryDeadLetters(_ context.Context, r *adminpb.RetryDeadLettersRequest) (*adminpb.RetryDeadLettersResponse, error) {
	b.calls = append(b.calls, fmt.Sprintf("%d %t", r.GetLimit(), r.GetDryRun()))
	response := &adminpb.RetryDeadLettersResponse{Matched: b.letters}
	if limit := r.GetLimit(); limit > 0 {
		response.Matched = min(limit, b.letters)
	}
	if r.GetDryRun() {
		return response, nil
	}
	response.Retried = response.GetMatched() - min(b.stuck, response.GetMatched())
	if response.GetRetried() < response.GetMatched() {
		response.Reason = "it can't be"
	}
	for i := range response.GetRetried() {
		response.DeadLetters = append(response.DeadLetters, &adminpb.RetriedDeadLetter{Id: fmt.Sprint(b.letters - i)})
	}
	b.letters -= response.GetRetried()
	return response, nil
}

// TestRetriesTellHowFarTheyAre: each chunk, and that those which can't be submitted again
// don't keep the others from it.
func TestRetriesTellHowFarTheyAre(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		letters, stuck, limit uint32
		told                  []string
		calls                 int // after the dry run
		retried               int
		reason                string
	}{
		"none":           {},
		"a few":          {letters: 3, told: []string{"0/3"}, calls: 1, retried: 3},
		"some chunks":    {letters: 1200, told: []string{"0/1200", "500/1200", "1000/1200"}, calls: 3, retried: 1200},
		"a limit":        {letters: 1200, limit: 501, told: []string{"0/501", "500/501"}, calls: 2, retried: 501},
		"some can't be":  {letters: 1200, stuck: 10, told: []string{"0/1200", "490/1200"}, calls: 2, retried: 1190, reason: "it can't be"},
		"none can be":    {letters: 1200, stuck: 1200, told: []string{"0/1200", "0/1200"}, calls: 2, reason: "it can't be"},
		"a few can't be": {letters: 3, stuck: 1, told: []string{"0/3"}, calls: 1, retried: 2, reason: "it can't be"},
	} {
		box := &letterBox{letters: test.letters, stuck: test.stuck}
		session := sessionOf(t, box)
		var told []string
		got, err := retryAll(t.Context(), session.Client, admin.DeadLetterFilter{All: true, Limit: int(test.limit)}, func(done, all int) {
			told = append(told, fmt.Sprintf("%d/%d", done, all))
		})
		if err != nil || got.Retried != test.retried || got.Reason != test.reason || len(got.Tasks) != min(got.Retried, maxTasksShown) {
			t.Errorf("%s: %d of %d, %q, %v", name, got.Retried, got.Matched, got.Reason, err)
		}
		if !slices.Equal(told, test.told) || len(box.calls) != 1+test.calls {
			t.Errorf("%s: told %v, called %v", name, told, box.calls)
		}
	}
	box := &letterBox{letters: 1200}
	if got, err := retryAll(t.Context(), sessionOf(t, box).Client, admin.DeadLetterFilter{All: true}, nil); err != nil || got.Retried != 1200 || len(box.calls) != 1 {
		t.Errorf("without a terminal: %v, %v, %v", got.Retried, err, box.calls)
	}
}
