package admin

import (
	"context"
	"path"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// listCommand lists tasks.
type listCommand struct {
	nodeFlag

	Plugin string `placeholder:"NAME" complete:"plugin" help:"Only this plugin's tasks."`
}

// Run asks the server and prints its answer.
func (l *listCommand) Run(ctx context.Context, s *Session) error {
	tasks, err := s.Client.Tasks(ctx, l.Plugin, l.Node)
	return s.show(err, map[string]any{"tasks": tasks}, func(t *table.Table) {
		t.Row("NAME", "KIND", "SOURCE", "CALLS", "FAILED", "CANCELLED", "RUNNING", "PENDING", "MEAN", "P99", "MAX")
		for _, listed := range tasks {
			mean, p99, longest := "-", "-", "-"
			if runs := listed.Latency; runs != nil {
				mean, p99 = table.Duration(runs.Mean.Duration), table.Duration(runs.P99.Duration)
				longest = table.Duration(runs.Max.Duration)
			}
			t.Row(listed.Name, listed.Kind, shortSource(listed.Source), listed.Calls, listed.Failures,
				listed.Cancelled, listed.Running, listed.Pending, mean, p99, longest)
		}
	})
}

// shortSource is a file and the folder that it is in, enough to know it by.
func shortSource(source string) string {
	if source == "" {
		return "-"
	}
	folder, file := path.Split(filepath.ToSlash(source))
	return path.Join(path.Base(folder), file)
}
