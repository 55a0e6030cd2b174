package cmd

import (
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

// What --json prints of what the server tells. Times are in UTC, and how long
// something took is in seconds.

type taskReport struct {
	Name          string         `json:"name"`
	Kind          string         `json:"kind"`
	Source        string         `json:"source"`
	PluginVersion string         `json:"plugin_version,omitempty"`
	Calls         uint64         `json:"calls"`
	Failures      uint64         `json:"failures"`
	Cancelled     uint64         `json:"cancelled"`
	Running       int            `json:"running"`
	Pending       int            `json:"pending"`
	Latency       *latencyReport `json:"latency,omitempty"`
}

type latencyReport struct {
	Mean float64 `json:"mean_seconds"`
	P50  float64 `json:"p50_seconds"`
	P99  float64 `json:"p99_seconds"`
	Max  float64 `json:"max_seconds"`
}

type pluginReport struct {
	Name               string    `json:"name"`
	File               string    `json:"file"`
	SHA256             string    `json:"sha256,omitempty"`
	State              string    `json:"state"`
	Tasks              []string  `json:"tasks"`
	PID                int       `json:"pid,omitempty"`
	MemoryBytes        uint64    `json:"memory_bytes,omitempty"`
	Restarts           int       `json:"restarts"`
	LastError          string    `json:"last_error,omitempty"`
	LoadedAt           time.Time `json:"loaded_at,omitzero"`
	MissingProtections []string  `json:"missing_protections,omitempty"`
}

type statusReport struct {
	NodeID        string            `json:"node_id"`
	Version       string            `json:"version"`
	GoVersion     string            `json:"go_version"`
	StartedAt     time.Time         `json:"started_at"`
	UptimeSeconds float64           `json:"uptime_seconds"`
	Draining      bool              `json:"draining"`
	LogLevel      string            `json:"log_level"`
	PendingTasks  int               `json:"pending_tasks"`
	RunningTasks  int               `json:"running_tasks"`
	ArgumentBytes uint64            `json:"argument_bytes"`
	Succeeded     uint64            `json:"succeeded"`
	Failed        uint64            `json:"failed"`
	Cancelled     uint64            `json:"cancelled"`
	Results       uint64            `json:"results"`
	Tasks         int               `json:"tasks"`
	Plugins       int               `json:"plugins"`
	MemoryBytes   uint64            `json:"memory_bytes"`
	Goroutines    int               `json:"goroutines"`
	Limits        map[string]string `json:"limits"`
}

type executionReport struct {
	ID              string    `json:"id"`
	Method          string    `json:"method"`
	State           string    `json:"state"`
	Code            string    `json:"code,omitempty"`
	Message         string    `json:"message,omitempty"`
	Detached        bool      `json:"detached"`
	SubmittedAt     time.Time `json:"submitted_at"`
	StartedAt       time.Time `json:"started_at,omitzero"`
	EndedAt         time.Time `json:"ended_at,omitzero"`
	DurationSeconds float64   `json:"duration_seconds"`
}

type eventReport struct {
	Time      time.Time        `json:"time"`
	Kind      string           `json:"kind"`
	Plugin    string           `json:"plugin,omitempty"`
	Message   string           `json:"message,omitempty"`
	Execution *executionReport `json:"execution,omitempty"`
	Missed    uint64           `json:"missed,omitempty"`
}

// reports returns a list that is never null.
func reports[From, To any](list []From, report func(From) To) []To {
	made := make([]To, len(list))
	for i, item := range list {
		made[i] = report(item)
	}
	return made
}

func newTaskReport(t admin.Task) taskReport {
	report := taskReport{
		Name: t.Name, Kind: asyncWord(t.Async), Source: t.Source, PluginVersion: t.PluginVersion,
		Calls: t.Calls, Failures: t.Failures, Cancelled: t.Cancelled, Running: t.Running, Pending: t.Pending,
	}
	if runs := t.Latency; runs != nil {
		report.Latency = &latencyReport{
			Mean: runs.Mean.Seconds(), P50: runs.P50.Seconds(), P99: runs.P99.Seconds(), Max: runs.Max.Seconds(),
		}
	}
	return report
}

func newPluginReport(p admin.Plugin) pluginReport {
	return pluginReport{
		Name: p.Name, File: p.File, SHA256: p.SHA256, State: p.State, Tasks: append([]string{}, p.Tasks...), // [], not null
		PID: p.PID, MemoryBytes: p.MemoryBytes, Restarts: p.Restarts, LastError: p.LastError,
		LoadedAt: p.LoadedAt, MissingProtections: p.MissingProtections,
	}
}

func newStatusReport(s admin.Status) statusReport {
	return statusReport{
		NodeID: s.NodeID, Version: s.Version, GoVersion: s.GoVersion, StartedAt: s.Started, UptimeSeconds: s.Uptime.Seconds(),
		Draining: s.Draining, LogLevel: s.LogLevel, PendingTasks: s.Pending, RunningTasks: s.Running,
		ArgumentBytes: s.ArgumentBytes, Succeeded: s.Succeeded, Failed: s.Failed, Cancelled: s.Cancelled,
		Results: s.Results, Tasks: s.Tasks, Plugins: s.Plugins, MemoryBytes: s.MemoryBytes, Goroutines: s.Goroutines,
		Limits: s.Limits,
	}
}

func newExecutionReport(x admin.Execution) executionReport {
	return executionReport{
		ID: x.ID, Method: x.Method, State: x.State, Code: x.Code, Message: x.Message, Detached: x.Detached,
		SubmittedAt: x.Submitted, StartedAt: x.Started, EndedAt: x.Ended, DurationSeconds: x.Duration.Seconds(),
	}
}

func newEventReport(e admin.Event) eventReport {
	report := eventReport{Time: e.Time, Kind: e.Kind, Plugin: e.Plugin, Message: e.Message, Missed: e.Missed}
	if e.Execution != nil {
		execution := newExecutionReport(*e.Execution)
		report.Execution = &execution
	}
	return report
}
