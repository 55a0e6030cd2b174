package metrics

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newTask(t *testing.T, name string) *task.Task {
	t.Helper()
	made, err := task.NewSync(func() int { return 1 }, task.Name(name))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// scrape serves config on a real port and returns what Prometheus would get.
func scrape(t *testing.T, config Config) string {
	t.Helper()
	handler, err := NewHandler(config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %v: %s", response.Status, err, body)
	}
	return string(body)
}

func TestScrape(t *testing.T) {
	registry := new(task.Registry)
	add, gone := newTask(t, "add"), newTask(t, "gone")
	if err := registry.Add(add); err != nil {
		t.Fatal(err)
	}
	history := stats.NewHistory(10, 10, new(stats.Feed))
	now := time.Now()
	for _, x := range []scheduler.Execution{
		{Task: add, State: scheduler.Succeeded, Started: now, Ended: now.Add(150 * time.Microsecond)},
		{Task: add, State: scheduler.Succeeded, Started: now, Ended: now.Add(time.Hour)},
		{Task: add, State: scheduler.Failed, Code: task.InvalidArgument, Started: now, Ended: now.Add(time.Millisecond)},
		{Task: gone, State: scheduler.Succeeded, Started: now, Ended: now},
	} {
		history.Ended(x)
	}
	text := scrape(t, Config{
		Tasks:    registry,
		History:  history,
		Counts:   func() (int, int) { return 3, 4 },
		Admitted: func() scheduler.Admitted { return scheduler.Admitted{Tasks: 7, Bytes: 8000, Starts: 5, Backoffs: 6} },
		Draining: func() bool { return true },
		Nodes: func() Nodes {
			return Nodes{Alive: 2, Gone: 1, Calls: 9, StreamsKnown: true, Streams: []Stream{
				{Name: "results", Messages: 10, Bytes: 100, Led: true, Copies: 3, Offline: 1, Lag: 7}, {Name: "queue", Copies: 3},
			}}
		},
		Results:  func() int { return 9 },
		LogBytes: func() int64 { return 16 },
		Retries:  func() uint64 { return 11 },
		DeadLetters: func() deadletter.Totals {
			return deadletter.Totals{Letters: 12, Bytes: 13, Added: 14, Lost: 15}
		},
		Plugins: func() []loader.Plugin {
			return []loader.Plugin{
				{Name: "math", File: "libmath.so", State: loader.StateServing, PID: 42, MemoryBytes: 1000, Restarts: 2},
				{Name: "math", File: "math.wasm", State: loader.StateFailed},
			}
		},
		WrongTokens: func() uint64 { return 11 },
		Version:     "v1.2.3",
		Logger:      slog.New(slog.DiscardHandler),
	})
	for _, line := range []string{
		`taskscheduler_cluster_peers_alive 2`,
		`taskscheduler_cluster_peers_gone 1`,
		`taskscheduler_cluster_calls_open 9`,
		`taskscheduler_cluster_streams_known 1`,
		`taskscheduler_cluster_stream_messages{stream="results"} 10`,
		`taskscheduler_cluster_stream_bytes{stream="results"} 100`,
		`taskscheduler_cluster_stream_led{stream="results"} 1`,
		`taskscheduler_cluster_stream_led{stream="queue"} 0`,
		`taskscheduler_cluster_stream_copies{stream="queue"} 3`,
		`taskscheduler_cluster_stream_copies_offline{stream="results"} 1`,
		`taskscheduler_cluster_stream_lag_messages{stream="results"} 7`,
		`taskscheduler_task_log_bytes 16`,
		`taskscheduler_tasks_total{code="OK",method="add"} 2`,
		`taskscheduler_tasks_total{code="INVALID_ARGUMENT",method="add"} 1`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="1e-05"} 0`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="0.0001"} 0`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="0.0002"} 1`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="0.001"} 2`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="100"} 2`,
		`taskscheduler_task_duration_seconds_bucket{method="add",le="+Inf"} 3`,
		`taskscheduler_task_duration_seconds_count{method="add"} 3`,
		`taskscheduler_tasks_pending 3`,
		`taskscheduler_tasks_running 4`,
		`taskscheduler_admitted_tasks 7`,
		`taskscheduler_admitted_bytes 8000`,
		`taskscheduler_results 9`,
		`taskscheduler_tasks_waiting_to_start 5`,
		`taskscheduler_tasks_backing_off 6`,
		`taskscheduler_task_retries_total 11`,
		`taskscheduler_dead_letters 12`,
		`taskscheduler_dead_letter_bytes 13`,
		`taskscheduler_dead_letters_total 14`,
		`taskscheduler_dead_letters_lost_total 15`,
		`taskscheduler_draining 1`,
		`taskscheduler_admin_wrong_tokens_total 11`,
		`taskscheduler_plugin_state{file="libmath.so",plugin="math",state="serving"} 1`,
		`taskscheduler_plugin_state{file="libmath.so",plugin="math",state="failed"} 0`,
		`taskscheduler_plugin_state{file="math.wasm",plugin="math",state="failed"} 1`,
		`taskscheduler_plugin_restarts_total{file="libmath.so",plugin="math"} 2`,
		`taskscheduler_plugin_memory_bytes{file="libmath.so",plugin="math"} 1000`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, part := range []string{`taskscheduler_build_info{goversion="go1.`, `version="v1.2.3"} 1`, "\ngo_goroutines ", "\nprocess_start_time_seconds "} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Contains(text, `method="gone"`) {
		t.Error("a method that is not registered has a series")
	}
	problems, err := promlint.New(bytes.NewBufferString(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

func TestBoundsForPrometheus(t *testing.T) {
	if len(shown) != 22 {
		t.Errorf("%d buckets for each method, want 22: 1, 2, 5 from 10 µs to 100 s", len(shown))
	}
	if first, last := stats.Bounds[shown[0]], stats.Bounds[shown[len(shown)-1]]; first != lowestBound || last != highestBound {
		t.Errorf("from %v to %v", first, last)
	}
}
