package client_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	results, err := c.Batch(t.Context(), []client.Task{
		{Method: "echo_string", Args: []any{"x"}, Deps: []string{"b", "a"}, InjectResults: true},
		{ID: "a", Method: "add", Args: []any{1, 2}},
		{Method: "add", Args: []any{"one"}, Deps: []string{"a"}},
		{ID: "b", Method: "ping", Deps: []string{"a"}, InjectResults: true},
	})
	if err != nil || len(results) != 4 {
		t.Fatalf("got %d results, %v, want 4", len(results), err)
	}
	for i, want := range []string{"pong: 3,3,x", "3", "", "pong: 3"} {
		if i != 2 && (results[i].Err() != nil || results[i].Text != want || results[i].ID == "") {
			t.Errorf("result %d: got %+v, want %q", i, results[i], want)
		}
	}
	wantFailure(t, results[2].Err(), task.InvalidArgument, "argument 1 is a string")
}

// Results that are too large for one answer are asked for by their ids.
func TestBatchOfLargeResults(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{MaxMessageBytes: 10_000}), nil)
	results, err := c.Batch(t.Context(), []client.Task{
		{ID: "a", Method: "ping", Args: []any{strings.Repeat("x", 4000)}},
		{Method: "ping", Deps: []string{"a"}, InjectResults: true},
		{Method: "ping", Deps: []string{"a"}, InjectResults: true},
	})
	if err != nil || results[0].Err() != nil || results[1].Err() != nil {
		t.Fatalf("got %+v, %v", results, err)
	}
	wantFailure(t, results[2].Err(), task.ResourceExhausted, "too large")
	if result, err := c.Result(t.Context(), results[2].ID); err != nil || len(result.Text) < 4000 {
		t.Errorf("got %+v, %v, want the rest", result, err)
	}
}

func TestBatchIsRefusedWhole(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	good := client.Task{ID: "good", Method: "ping"}
	for name, test := range map[string]struct {
		bad     client.Task
		code    task.Code
		message string
	}{
		"unknown method": {client.Task{Method: "nix"}, task.NotFound, "tasks[1]: Method not found: nix"},
		"cycle":          {client.Task{ID: "self", Method: "ping", Deps: []string{"self"}}, task.InvalidArgument, "tasks[1]: "},
		"no value":       {client.Task{ID: "f", Method: "ping", Args: []any{func() {}}}, task.InvalidArgument, "tasks[1]: argument 1"},
	} {
		results, err := c.Batch(t.Context(), []client.Task{good, test.bad})
		if results != nil {
			t.Errorf("%s: got results", name)
		}
		wantFailure(t, err, test.code, test.message)
	}
	if result, err := c.Result(t.Context(), "good"); err != nil || result.State != client.StateNotFound {
		t.Errorf("got %+v, %v: a refused batch has left a task", result, err)
	}
	if _, err := c.Batch(t.Context(), []client.Task{{ID: "f", Method: "m", Args: []any{func() {}}}}); err == nil {
		t.Error("a function was packed")
	} else if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.ID != "f" {
		t.Errorf("got %v, want a TaskError of f", err)
	}
	if results, err := c.Batch(t.Context(), nil); err != nil || len(results) != 0 {
		t.Errorf("an empty batch: got %v, %v", results, err)
	}
}
