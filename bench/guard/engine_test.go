package guard

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/taskscheduler/taskscheduler/bench/internal/least"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	_ "github.com/taskscheduler/taskscheduler/builtin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/service"
	"github.com/taskscheduler/taskscheduler/task"
)

// A call without its transport: the service's handler, all in all, beside
// protobuf-go, a map look-up and protobuf-go again.
func TestProcessorTimeOfTheEngine(t *testing.T) {
	if machine.OwnTime() == 0 {
		t.Skip("this system doesn't tell the processor time of a process")
	}
	compareEngines(t, "engine, processor time", func() int64 { return machine.OwnTime().Nanoseconds() })
}

func TestAllocationsOfTheEngine(t *testing.T) {
	compareEngines(t, "engine, allocations", allocations)
}

func compareEngines(t *testing.T, name string, meter func() int64) {
	t.Helper()
	const calls = 20_000
	each := func(call func()) func() float64 {
		return func() float64 {
			before := meter()
			for range calls {
				call()
			}
			return float64(meter()-before) / calls
		}
	}
	compare(t, name, each(ownEngine(t)), each(leastEngine(t)))
}

// addition makes the bytes of a request for add(1, 2, 3), with an id of its own.
func addition(t *testing.T) func() []byte {
	t.Helper()
	request := &pb.TaskRequest{Method: "add"}
	for _, number := range []int32{1, 2, 3} {
		argument, err := anypb.New(wrapperspb.Int32(number))
		if err != nil {
			t.Fatal(err)
		}
		request.Args = append(request.Args, argument)
	}
	rest, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	made := 1_000_000 // so that all ids are equally long
	return func() []byte {
		made++
		b = append(b[:0], make([]byte, 5)...) // gRPC's envelope
		b = strconv.AppendInt(append(b, 1<<3|2, 7), int64(made), 10)
		b = append(b, rest...)
		binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5)) //nolint:gosec // it is small
		return b
	}
}

func ownEngine(t *testing.T) func() {
	t.Helper()
	kept, err := memory.New(memory.Config{TTL: 10 * time.Minute, Capacity: 10_000, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(kept.Close)
	logger := slog.New(slog.DiscardHandler)
	_, handler := service.NewHandler(service.Config{
		Scheduler: scheduler.New(scheduler.Config{Tasks: task.Default(), Store: kept, Logger: logger}),
		Tasks:     task.Default(), Logger: logger, NodeID: "guard", MaxMessageBytes: 4 << 20, MaxDependencies: 1000, MaxWait: time.Minute,
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.ProtoMajor, request.ProtoMinor = 2, 0
	request.Header.Set("Content-Type", "application/grpc")
	next := addition(t)
	w := &answer{header: http.Header{}}
	return func() {
		clear(w.header)
		w.body.Reset()
		request.Body = io.NopCloser(bytes.NewReader(next()))
		handler.ServeHTTP(w, request)
		if !bytes.Contains(w.body.Bytes(), []byte{3<<3 | 2, 1, '6'}) { // field 3, a text of one byte
			t.Fatalf("the answer is %q, its headers %v", w.body.Bytes(), w.header)
		}
	}
}

func leastEngine(t *testing.T) func() {
	t.Helper()
	next := addition(t)
	return func() {
		var request pb.TaskRequest
		if err := proto.Unmarshal(next()[5:], &request); err != nil {
			t.Fatal(err)
		}
		response, err := least.Submit(t.Context(), &request)
		if err != nil || response.GetResult() != "6" {
			t.Fatalf("the answer is %v, %v", response, err)
		}
		if _, err := proto.Marshal(response); err != nil {
			t.Fatal(err)
		}
	}
}

// answer is what a handler writes.
type answer struct {
	header http.Header
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(int)             {}
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
