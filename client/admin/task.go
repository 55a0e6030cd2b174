package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Task is a task that can be called, with its figures since the start.
type Task struct {
	Name string
	// Async tells whether it waits on something, rather than keep a core busy.
	Async bool
	// Source is where it comes from: a place in Go code, or a plugin's file.
	Source string
	// PluginVersion is the SHA-256 of the plugin's file; empty for Go code.
	PluginVersion string
	// Calls are the executions that have ended; Failures and Cancelled are
	// among them.
	Calls, Failures, Cancelled uint64
	Running, Pending           int
	// Latency is that of the runs so far; nil when there were none.
	Latency *Latency
}

// Latency sums up how long runs took. The quantiles are estimates.
type Latency struct{ Mean, P50, P99, Max time.Duration }

// Tasks lists what can be called, sorted by name; with a plugin's name, only
// its tasks.
func (c *Client) Tasks(ctx context.Context, plugin string) ([]Task, error) {
	response, err := call(ctx, c, c.rpc.ListTasks, &adminpb.ListTasksRequest{Plugin: plugin})
	if err != nil {
		return nil, err
	}
	tasks := make([]Task, len(response.GetTasks()))
	for i, t := range response.GetTasks() {
		tasks[i] = newTask(t)
	}
	return tasks, nil
}

func newTask(t *adminpb.Task) Task {
	read := Task{
		Name:          t.GetName(),
		Async:         t.GetKind() == adminpb.TaskKind_TASK_KIND_ASYNC,
		Source:        t.GetSource(),
		PluginVersion: t.GetPluginVersion(),
		Calls:         t.GetCalls(),
		Failures:      t.GetFailures(),
		Cancelled:     t.GetCancelled(),
		Running:       int(t.GetRunning()),
		Pending:       int(t.GetPending()),
	}
	if runs := t.GetLatency(); runs != nil {
		read.Latency = &Latency{
			Mean: runs.GetMean().AsDuration(),
			P50:  runs.GetP50().AsDuration(),
			P99:  runs.GetP99().AsDuration(),
			Max:  runs.GetMax().AsDuration(),
		}
	}
	return read
}
