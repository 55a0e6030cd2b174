package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// deadLettersCommand is about tasks that have used up their attempts.
type deadLettersCommand struct {
	List  listLetters  `cmd:"" default:"withargs" help:"List dead letters, which are tasks that have used up their attempts, the latest first."`
	Show  showLetter   `cmd:"" help:"Show all of one dead letter: arguments, and the policy that it failed under."`
	Retry retryLetters `cmd:"" help:"Submit dead letters again, each under a new id."`
	Drop  dropLetters  `cmd:"" help:"Forget dead letters. For a minute they can be brought back."`

	Undrop undropLetters `cmd:"" help:"Bring back dead letters that were dropped within the last minute."`
}

// letterFilter says which are meant.
type letterFilter struct {
	IDPrefix string          `name:"id" placeholder:"PREFIX" complete:"dead-letter" help:"Only those whose id begins so."`
	Code     []code          `placeholder:"CODE" complete:"code" help:"Only those that failed with this code, such as UNAVAILABLE; several with commas."`
	Method   string          `placeholder:"NAME" complete:"task" help:"Only those of this task."`
	Plugin   string          `placeholder:"NAME" complete:"plugin" help:"Only those of this plugin's tasks."`
	Label    []literal.Label `sep:"none" placeholder:"KEY=VALUE" help:"Only those with this label; may be repeated."`
	Since    moment          `placeholder:"TIME" help:"Only those that ended at this time or later: how long ago, such as 10m, or 2006-01-02T15:04:05Z."`
	Until    moment          `placeholder:"TIME" help:"Only those that ended before this time."`
}

func (f *letterFilter) filter() admin.DeadLetterFilter {
	filter := admin.DeadLetterFilter{
		IDPrefix: f.IDPrefix, Method: f.Method, Plugin: f.Plugin, Since: f.Since.time, Until: f.Until.time,
	}
	for _, c := range f.Code {
		filter.Codes = append(filter.Codes, string(c))
	}
	filter.Labels = literal.Labels(f.Label)
	return filter
}

// listLetters lists them.
type listLetters struct {
	Filter letterFilter `embed:""`
	Limit  limit        `default:"100" help:"How many to show at most; 0 is all."`
}

// Run asks the server, as often as it takes, and prints its answers.
func (l *listLetters) Run(ctx context.Context, s *Session) error {
	filter := l.Filter.filter()
	filter.Limit = int(l.Limit)
	list, err := s.Client.DeadLetters(ctx, filter)
	return s.show(err, list, func(t *table.Table) {
		all := list.DeadLetters
		of := slices.ContainsFunc(all, func(x admin.DeadLetter) bool { return x.NodeID != all[0].NodeID })
		head := []any{"ID", "METHOD", "ATTEMPTS", "ENDED", "ARGUMENTS", "ERROR"}
		if of {
			head = slices.Insert(head, nodeColumn, any("NODE"))
		}
		t.Row(head...)
		for i := range all {
			x := &all[i]
			arguments := fmt.Sprintf("%d, %s", x.Arguments, table.Size(uint64(max(x.ArgumentBytes, 0))))
			cells := []any{table.ID(x.ID), x.Method, x.Attempt, table.Time(x.Ended), arguments, failureText(&x.Execution)}
			if of {
				cells = slices.Insert(cells, nodeColumn, any(table.OrDash(x.NodeID)))
			}
			t.Row(cells...)
		}
		if list.More {
			t.Below("There are more: see --limit.")
		}
		unanswered(t, list.Unanswered, "theirs are missing")
	})
}

// showLetter shows one.
type showLetter struct {
	ID string `arg:"" complete:"dead-letter" help:"The task's id."`

	Arguments bool `help:"What it was called with, too. A server shows that only if it is started with --keep-arguments."`
}

// letterDocument is one with its arguments as run takes them.
type letterDocument struct {
	admin.DeadLetterDetails

	Args []string `json:"args,omitempty"`
}

// Run asks the server and prints its answer.
func (l *showLetter) Run(ctx context.Context, s *Session) error {
	letter, err := s.Client.DeadLetter(ctx, l.ID, l.Arguments)
	document := letterDocument{DeadLetterDetails: letter}
	for _, arg := range letter.Args {
		document.Args = append(document.Args, literal.Format(arg))
	}
	return s.show(err, document, func(t *table.Table) {
		t.Row("id", table.ID(letter.ID))
		t.Row("method", letter.Method)
		t.Row("code", letter.Code)
		t.Row("message", letter.Message)
		t.Row("attempts", letter.Attempt)
		t.Row("node", table.OrDash(letter.NodeID))
		t.Row("submitted", preciseTime(letter.Submitted))
		t.Row("last start", preciseTime(letter.Started))
		t.Row("ended", preciseTime(letter.Ended))
		if letter.RetryOf != "" {
			t.Row("retry of", table.ID(letter.RetryOf))
		}
		t.Row("backoff", fmt.Sprintf("%s, times %v, up to %s", table.Duration(letter.InitialBackoff.Duration),
			letter.Multiplier, table.Duration(letter.MaxBackoff.Duration)))
		t.Row("retry codes", table.OrDash(strings.Join(letter.Codes, ", ")))
		if letter.ExecutionTimeout.Duration > 0 {
			t.Row("timeout", table.Duration(letter.ExecutionTimeout.Duration))
		}
		labelRows(t, letter.Labels)
		t.Row("arguments", fmt.Sprintf("%d, %s", letter.Arguments, table.Size(uint64(max(letter.ArgumentBytes, 0)))))
		for i, arg := range document.Args {
			t.Row(fmt.Sprintf("argument %d", i+1), table.Shorten(arg))
		}
	})
}

// chosenLetters are those that something is done to.
type chosenLetters struct {
	IDs    []string     `arg:"" optional:"" name:"id" complete:"dead-letter" help:"Only these."`
	Filter letterFilter `embed:""`
	All    bool         `help:"All of them."`
	DryRun bool         `help:"Only tell how many it would be."`
}

func (c *chosenLetters) filter() admin.DeadLetterFilter {
	filter := c.Filter.filter()
	filter.IDs, filter.All = c.IDs, c.All
	return filter
}

// missing is the error when the server has not found all that were named, or not all
// nodes have answered.
func (c *chosenLetters) missing(err error, matched int, silent []string) error {
	switch {
	case err != nil:
	case len(silent) > 0:
		return fmt.Errorf("these nodes have not answered, and their dead letters are as they were: %s", strings.Join(silent, ", "))
	case matched < len(c.IDs):
		return fmt.Errorf("%d of the %d ids that are named are no dead letters", len(c.IDs)-matched, len(c.IDs))
	}
	return err
}

// retryLetters submits them again.
type retryLetters struct {
	Chosen chosenLetters `embed:""`
	Limit  limit         `default:"0" help:"How many at most, the oldest first; 0 is any number."`
}

// Run prints the new ids. One that could not be submitted is a failure.
func (r *retryLetters) Run(ctx context.Context, s *Session) error {
	filter := r.Chosen.filter()
	filter.Limit = int(r.Limit)
	if r.Chosen.DryRun {
		retried, err := s.Client.RetryDeadLetters(ctx, filter, true)
		err = s.say(err, retried, fmt.Sprintf("dead letters that would be submitted again: %d", retried.Matched))
		return r.Chosen.missing(err, retried.Matched, retried.Unanswered)
	}
	tell, end := s.progress("dead letters")
	retried, err := retryAll(ctx, s.Client, filter, tell)
	end()
	err = s.show(err, retried, func(t *table.Table) {
		if retried.Retried > 0 {
			t.Row("ID", "NEW ID")
		}
		for _, again := range retried.Tasks {
			t.Row(table.ID(again.ID), table.ID(again.NewID))
		}
		t.Below(fmt.Sprintf("%d of %d dead letters were submitted again.", retried.Retried, retried.Matched))
	})
	if err == nil && retried.Reason != "" {
		return fmt.Errorf("%d dead letters could not be submitted again; %s", retried.Matched-retried.Retried, retried.Reason)
	}
	return r.Chosen.missing(err, retried.Matched, retried.Unanswered)
}

// dropLetters forgets them.
type dropLetters struct {
	Chosen chosenLetters `embed:""`
}

// Run prints how many there were.
func (d *dropLetters) Run(ctx context.Context, s *Session) error {
	drop, err := s.Client.DropDeadLetters(ctx, d.Chosen.filter(), d.Chosen.DryRun)
	err = s.show(err, drop, func(t *table.Table) {
		if d.Chosen.DryRun {
			t.Row(fmt.Sprintf("dead letters that would be dropped: %d", drop.Matched))
			return
		}
		t.Row(fmt.Sprintf("dead letters that were dropped: %d", drop.Dropped))
		if drop.Undo != "" {
			t.Row("for a minute this brings them back: dead-letters undrop " + drop.Undo)
		}
	})
	return d.Chosen.missing(err, drop.Matched, drop.Unanswered)
}

// undropLetters brings them back.
type undropLetters struct {
	Undo string `arg:"" help:"The word that the drop has printed."`
}

// Run prints how many came back.
func (u *undropLetters) Run(ctx context.Context, s *Session) error {
	restored, err := s.Client.UndropDeadLetters(ctx, u.Undo)
	return s.say(err, map[string]any{"restored": restored}, fmt.Sprintf("dead letters that came back: %d", restored))
}
