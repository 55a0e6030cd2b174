package admin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// said adds what a task did, what its client says of it, and what it says itself.
func said(t *table.Table, x *admin.ExecutionDetails, arguments bool) {
	labelRows(t, x.Labels)
	if arguments {
		t.Row("arguments", cmp.Or(x.Arguments, "(not kept any more)"))
	}
	const usual = 3 // pending, running and an end, told above
	if len(x.States) > usual || x.Attempt > 1 {
		for _, change := range x.States {
			t.Row("was "+change.State, preciseTime(change.Time))
		}
	}
	if p := x.Progress; p != nil {
		t.Row("progress", strings.TrimSpace(percent(p.Fraction)+" "+p.Note))
	}
	if x.LinesLeftOut > 0 {
		t.Row("log", fmt.Sprintf("(%d lines are not kept)", x.LinesLeftOut))
	}
	for _, line := range x.Lines {
		t.Row("log", fmt.Sprintf("%s %-5s %s", clockTime(line.Time), line.Level, line.Text))
	}
}

func labelRows(t *table.Table, labels map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		t.Row("label", key+"="+labels[key])
	}
}

func percent(fraction float64) string { return fmt.Sprintf("%.0f%%", 100*fraction) }
