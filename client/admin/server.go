package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Status describes a server.
type Status struct {
	NodeID    string    `json:"node_id"`
	Version   string    `json:"version"`
	GoVersion string    `json:"go_version"`
	Started   time.Time `json:"started_at"`
	Uptime    Duration  `json:"uptime_seconds"`
	// Draining tells whether new tasks are refused.
	Draining bool   `json:"draining"`
	LogLevel string `json:"log_level"`
	// Pending and Running are tasks that have not ended, and ArgumentBytes what
	// their arguments hold.
	Pending       int    `json:"pending_tasks"`
	Running       int    `json:"running_tasks"`
	ArgumentBytes uint64 `json:"argument_bytes"`
	// Overdue are tasks that have ended, by a timeout or a cancel, and whose
	// function has not returned since.
	Overdue int `json:"overdue_tasks"`
	// WaitingToStart and BackingOff are those pending tasks that wait for their time
	// to start, and to run again.
	WaitingToStart int `json:"waiting_to_start"`
	BackingOff     int `json:"backing_off"`
	// DeadLetters are tasks that used up their attempts; DeadLetterBytes is what is
	// kept of them.
	DeadLetters     int    `json:"dead_letters"`
	DeadLetterBytes uint64 `json:"dead_letter_bytes"`
	// TaskLogBytes is what is kept of what tasks said while they ran.
	TaskLogBytes uint64 `json:"task_log_bytes"`
	// Succeeded, Failed and Cancelled are tasks since the start.
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`
	Cancelled uint64 `json:"cancelled"`
	// Results are those that are kept.
	Results uint64 `json:"results"`
	// Tasks is how many there are to call, Plugins how many files.
	Tasks       int    `json:"tasks"`
	Plugins     int    `json:"plugins"`
	MemoryBytes uint64 `json:"memory_bytes"`
	Goroutines  int    `json:"goroutines"`
	// Limits are those in force, by name.
	Limits map[string]string `json:"limits"`
}

// Status describes the server.
func (c *Client) Status(ctx context.Context) (Status, error) {
	s, err := call(ctx, c, c.rpc.GetStatus, &adminpb.GetStatusRequest{})
	if err != nil {
		return Status{}, err
	}
	return Status{
		NodeID:        s.GetNodeId(),
		Version:       s.GetVersion(),
		GoVersion:     s.GetGoVersion(),
		Started:       moment(s.GetStartedAt()),
		Uptime:        Duration{s.GetUptime().AsDuration()},
		Draining:      s.GetDraining(),
		LogLevel:      s.GetLogLevel(),
		Pending:       int(s.GetPendingTasks()),
		Running:       int(s.GetRunningTasks()),
		ArgumentBytes: s.GetArgumentBytes(),
		TaskLogBytes:  s.GetTaskLogBytes(),
		Overdue:       int(s.GetOverdueTasks()),
		Succeeded:     s.GetSucceeded(),
		Failed:        s.GetFailed(),
		Cancelled:     s.GetCancelled(),
		Results:       s.GetResults(),
		Tasks:         int(s.GetTasks()),
		Plugins:       int(s.GetPlugins()),
		MemoryBytes:   s.GetMemoryBytes(),
		Goroutines:    int(s.GetGoroutines()),
		Limits:        s.GetLimits(),

		WaitingToStart:  int(s.GetWaitingToStart()),
		BackingOff:      int(s.GetBackingOff()),
		DeadLetters:     int(s.GetDeadLetters()),
		DeadLetterBytes: s.GetDeadLetterBytes(),
	}, nil
}

// Drain makes a node refuse new tasks, until Resume; those admitted go on. With ""
// that is the server itself, else a node of its cluster. It returns how many are left.
func (c *Client) Drain(ctx context.Context, node string) (left int, err error) {
	response, err := call(ctx, c, c.rpc.Drain, &adminpb.DrainRequest{NodeId: node})
	return int(response.GetLeft()), err
}

// Resume ends a Drain of the same node.
func (c *Client) Resume(ctx context.Context, node string) error {
	_, err := call(ctx, c, c.rpc.Resume, &adminpb.ResumeRequest{NodeId: node})
	return err
}

// SetLogLevel makes the server's log begin at "debug", "info", "warn" or
// "error", until it stops. It returns the level before.
func (c *Client) SetLogLevel(ctx context.Context, level string) (previous string, err error) {
	response, err := call(ctx, c, c.rpc.SetLogLevel, &adminpb.SetLogLevelRequest{Level: level})
	return response.GetPrevious(), err
}
