package client_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

type point struct {
	X     int               `json:"x"`
	Names []string          `json:"names"`
	Tags  map[string]string `json:"tags"`
}

var _ = task.Sync(func(p point) point { p.X++; return p }, task.Name("move"))

func TestCall(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	if sum, err := client.Call[int](t.Context(), c, "add", 1, 2, 3); err != nil || sum != 6 {
		t.Errorf("got %d, %v, want 6", sum, err)
	}
	if text, err := client.Call[string](t.Context(), c, "ping", "x"); err != nil || text != "pong: x" {
		t.Errorf("got %q, %v, want pong: x", text, err)
	}
	from := point{1, []string{"a", "b"}, map[string]string{"k": "v"}}
	want := from
	want.X++
	if got, err := client.Call[point](t.Context(), c, "move", from); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	_, err := client.Call[bool](t.Context(), c, "ping")
	wantFailure(t, err, task.InvalidArgument, `decode a result into bool: it is the text "pong"`)
	if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.Method != "ping" || failed.ID == "" {
		t.Errorf("got %+v, want the method and the id", failed)
	}
	_, err = client.Call[int](t.Context(), c, "nix")
	wantFailure(t, err, task.NotFound, "nix")
	_, err = client.Call[string](t.Context(), c, "ping", time.Second)
	wantFailure(t, err, task.InvalidArgument, "Milliseconds()")
	_, err = client.Call[string](t.Context(), c, "ping", map[string]any{"at": time.Now()})
	wantFailure(t, err, task.InvalidArgument, "RFC3339")
}

func TestDecode(t *testing.T) {
	t.Parallel()
	success := func(text string) client.Result { return client.Result{State: client.StateSuccess, Text: text} }
	var (
		small int8
		large uint64
		half  float32
		yes   bool
		raw   []byte
		list  []int
		tree  any
	)
	for _, test := range []struct {
		text string
		to   any
		want any
	}{
		{"-128", &small, int8(-128)},
		{"18446744073709551615", &large, uint64(18446744073709551615)},
		{"0.5", &half, float32(0.5)},
		{"true", &yes, true},
		{"raw", &raw, []byte("raw")},
		{"[1,2]", &list, []int{1, 2}},
		{`{"a":null}`, &tree, map[string]any{"a": nil}},
	} {
		if err := success(test.text).Decode(test.to); err != nil || !reflect.DeepEqual(reflect.ValueOf(test.to).Elem().Interface(), test.want) {
			t.Errorf("%s: got %v, %v, want %v", test.text, test.to, err, test.want)
		}
	}
	for _, err := range []error{
		success("128").Decode(&small), success("-1").Decode(&large), success("x").Decode(&list),
		success("5").Decode(small), success("5").Decode((*int)(nil)), success("5").Decode(nil),
	} {
		wantFailure(t, err, task.InvalidArgument, "")
	}
	wantFailure(t, client.Result{State: client.StateRunning}.Decode(&small), task.FailedPrecondition, "RUNNING")
	wantFailure(t, client.Result{State: client.StateFailed, Code: task.Internal, Text: "boom"}.Decode(&small), task.Internal, "boom")
}
