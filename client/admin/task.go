package admin

import (
	"context"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Task is a task that can be called, with its statistics since the start.
type Task struct {
	Name string `json:"name"`
	// Kind is "async" for a task that waits on something, and "sync" for one that
	// keeps a core busy.
	Kind string `json:"kind"`
	// Source is where it comes from: a place in Go code, or a plugin's file.
	Source string `json:"source"`
	// PluginVersion is the SHA-256 of the plugin's file; empty for Go code.
	PluginVersion string `json:"plugin_version,omitempty"`
	// Calls are the executions that have ended; Failures and Cancelled are
	// among them.
	Calls     uint64 `json:"calls"`
	Failures  uint64 `json:"failures"`
	Cancelled uint64 `json:"cancelled"`
	Running   int    `json:"running"`
	Pending   int    `json:"pending"`
	// Latency is that of the runs so far; nil when there were none.
	Latency *Latency `json:"latency,omitempty"`
}

// Latency sums up how long runs took. The quantiles are estimates.
type Latency struct {
	Mean Duration `json:"mean_seconds"`
	P50  Duration `json:"p50_seconds"`
	P99  Duration `json:"p99_seconds"`
	Max  Duration `json:"max_seconds"`
}

// Tasks lists what can be called, sorted by name; with a plugin's name, only
// its tasks, and with a node's id, those of this node of the cluster.
func (c *Client) Tasks(ctx context.Context, plugin, node string) ([]Task, error) {
	response, err := call(ctx, c, c.rpc.ListTasks, &adminpb.ListTasksRequest{Plugin: plugin, NodeId: node})
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
		Kind:          word(t.GetKind(), taskKindPrefix),
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
			Mean: Duration{runs.GetMean().AsDuration()},
			P50:  Duration{runs.GetP50().AsDuration()},
			P99:  Duration{runs.GetP99().AsDuration()},
			Max:  Duration{runs.GetMax().AsDuration()},
		}
	}
	return read
}
