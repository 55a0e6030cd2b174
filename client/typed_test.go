package client_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

type shipment struct {
	TrackingID uint64
	Label      []byte
	Parts      map[string][]int
	Within     string
}

var (
	_ = task.Sync(func(n int) []int { return make([]int, n) }, task.Name("zeros"))
	_ = task.Sync(func(v task.Value) task.Value { return v }, task.Name("give_back"))
	_ = task.Sync(func(a int32, b int64, c uint32, d uint64, e float32, f float64) []float64 {
		return []float64{float64(a), float64(b), float64(c), float64(d), float64(e), f}
	}, task.Name("numbers"))
)

func TestTypedCall(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	type received struct { // as the task's, but for an any
		TrackingID uint64
		Label      []byte
		Parts      map[string][]int64
		Within     time.Duration
	}
	sent := map[string]any{
		"tracking_id": uint64(math.MaxUint64), "label": []byte{0, 255}, "parts": map[string][]int{"a": {1, 2}}, "within": "1h30m",
	}
	got, err := client.Call[received](t.Context(), c, "give_back", sent)
	want := received{math.MaxUint64, []byte{0, 255}, map[string][]int64{"a": {1, 2}}, 90 * time.Minute}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	whatever, err := client.Call[any](t.Context(), c, "give_back", []any{1, int64(2), 0.5, "5", []byte("raw")})
	if want := []any{int32(1), int64(2), 0.5, "5", []byte("raw")}; err != nil || !reflect.DeepEqual(whatever, want) {
		t.Errorf("got %#v, %v, want %#v", whatever, err, want)
	}
	value, err := client.Call[task.Value](t.Context(), c, "give_back", float32(0.5))
	if f, ok := value.Float(); err != nil || !ok || f != 0.5 {
		t.Errorf("got %v, %v, want the float 0.5", value, err)
	}
	_, err = client.Call[[]int](t.Context(), c, "give_back", []any{1, "2"})
	wantFailure(t, err, task.InvalidArgument, "decode a result into []int: it: item 2 is a string")
	if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.Method != "give_back" || failed.ID == "" {
		t.Errorf("got %+v, want the method and the id", failed)
	}
}

// TestPlainNumbersAreArguments: a Go int, and numbers of every other kind, for
// each kind that holds them exactly.
func TestPlainNumbersAreArguments(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	for _, five := range []any{5, int64(5), int8(5), uint(5), uint16(5), uint32(5), uint64(5), float32(5), 5.0} {
		got, err := client.Call[[]float64](t.Context(), c, "numbers", five, five, five, five, five, five)
		if want := []float64{5, 5, 5, 5, 5, 5}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%T: got %v, %v, want %v", five, got, err, want)
		}
	}
	_, err := client.Call[[]float64](t.Context(), c, "numbers", uint64(math.MaxUint64), 1, 1, 1, 1, 1)
	wantFailure(t, err, task.InvalidArgument, "argument 1 is the uint64 18446744073709551615, which an int32 can't hold")
}

// TestValuesThatAreTooLarge come as text, whatever they are decoded into.
func TestValuesThatAreTooLarge(t *testing.T) {
	t.Parallel()
	const many = 100_000
	c := connect(t, startServer(t, server.Config{}), nil)
	zeros, err := client.Call[[]int](t.Context(), c, "zeros", many)
	if err != nil || len(zeros) != many {
		t.Errorf("got %d items, %v, want %d", len(zeros), err, many)
	}
	result, err := c.RunTask(t.Context(), client.Task{Method: "zeros", Args: []any{many}, TypedResult: true})
	if err != nil || result.State != client.StateSuccess || result.Value.Kind() != task.KindNull || len(result.Text) != 2*many+1 {
		t.Errorf("got %v and %d bytes, %v", result.State, len(result.Text), err)
	}
	if zeros, err = client.Await[[]int](t.Context(), c, result.ID); err != nil || len(zeros) != many {
		t.Errorf("by its id: got %d items, %v, want %d", len(zeros), err, many)
	}
	// The same when the limit is this side's.
	small := connect(t, startServer(t, server.Config{}), func(cfg *client.Config) { cfg.MaxMessageBytes = 10_000 })
	if zeros, err = client.Call[[]int](t.Context(), small, "zeros", 1000); err != nil || len(zeros) != 1000 {
		t.Errorf("got %d items, %v, want 1000", len(zeros), err)
	}
	// A request over the limit is refused, and not asked for by its id.
	_, err = client.Call[[]int](t.Context(), c, "zeros", strings.Repeat("x", 5<<20))
	wantFailure(t, err, task.ResourceExhausted, "larger than")
}

func TestAwait(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	sent := shipment{TrackingID: 7, Label: []byte("raw"), Parts: map[string][]int{"a": nil}, Within: "1h"}
	id, err := c.Submit(t.Context(), client.Task{Method: "give_back", Args: []any{sent}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Await[shipment](t.Context(), c, id)
	want := sent
	want.Parts = map[string][]int{"a": {}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	// As text it is the same.
	result, err := c.Wait(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	got = shipment{}
	if err := result.Decode(&got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	_, err = client.Await[int](t.Context(), c, "nobody's")
	wantFailure(t, err, task.NotFound, "nobody's")
	if failed, ok := errors.AsType[*client.TaskError](err); !ok || failed.ID != "nobody's" {
		t.Errorf("got %#v, want the id", err)
	}
}

func TestTypedBatchAndStream(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	tasks := []client.Task{
		{Method: "give_back", Args: []any{[]any{int64(1), "2"}}, TypedResult: true}, {Method: "add", Args: []any{1}},
	}
	results, err := c.Batch(t.Context(), tasks)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := c.Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	streamed, err := stream.RunTask(t.Context(), tasks[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Close(); err != nil {
		t.Fatal(err)
	}
	for _, result := range []client.Result{results[0], streamed} {
		items, _ := result.Value.List()
		if len(items) != 2 || items[0].Kind() != task.KindInt64 || items[1].Kind() != task.KindString || result.Attempt != 1 {
			t.Errorf("got %+v of kind %v", result, result.Value.Kind())
		}
	}
	if results[1].Value.Kind() != task.KindNull {
		t.Errorf("nobody asked for %v", results[1].Value)
	}
}
