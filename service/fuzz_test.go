package service

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/task"
)

// What one byte of a request, decompressed, may cost in memory that is
// allocated, and what any request may. The first is several copies (Connect's
// buffer, ours, the values) and the table of objects of a JSON text.
const (
	bytesPerByte    = 64
	bytesPerRequest = 512 << 10
)

var fuzzedContent = []string{
	"application/grpc", "application/grpc+proto", "application/grpc+json", "application/grpc-web", "application/grpc-web+json",
	"application/proto", "application/json", "application/connect+proto", "application/connect+json", "text/plain",
}

var fuzzedProcedures = []string{
	taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure,
	taskschedulerpbconnect.TaskSchedulerSubmitBatchProcedure,
	taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure,
	taskschedulerpbconnect.TaskSchedulerGetResultProcedure,
	taskschedulerpbconnect.TaskSchedulerCancelTaskProcedure,
	taskschedulerpbconnect.TaskSchedulerGetNodeInfoProcedure,
}

// FuzzHandler sends anything to the whole handler, in every encoding. It must
// answer, log no panic, and allocate no more than the request weighs.
func FuzzHandler(f *testing.F) {
	add := &pb.TaskRequest{TaskId: "a", Method: "add"}
	for _, n := range []int32{1, 2} {
		packed, err := anypb.New(wrapperspb.Int32(n))
		if err != nil {
			f.Fatal(err)
		}
		add.Args = append(add.Args, packed)
	}
	binary, err := proto.Marshal(add)
	if err != nil {
		f.Fatal(err)
	}
	text, err := protojson.Marshal(add)
	if err != nil {
		f.Fatal(err)
	}
	for content, name := range fuzzedContent {
		body := binary
		if strings.Contains(name, "json") {
			body = text
		}
		if strings.Contains(name, "grpc") || strings.Contains(name, "connect") {
			body = envelope(0, body)
		}
		for procedure := range fuzzedProcedures {
			for _, zip := range []bool{false, true} {
				f.Add(uint8(content), uint8(procedure), zip, body)
			}
		}
	}
	handler, panics := fuzzedHandler(f)
	f.Fuzz(func(t *testing.T, content, procedure uint8, zip bool, body []byte) {
		request := fuzzedRequest(t, content, procedure, zip, body)
		answer := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		handler.ServeHTTP(answer, request)
		runtime.ReadMemStats(&after)
		if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(bytesPerRequest+bytesPerByte*len(body)) {
			t.Errorf("%d bytes to %s cost %d bytes of memory", len(body), request.URL.Path, cost)
		}
		if panics.Len() > 0 {
			t.Fatalf("it panicked: %s", panics)
		}
		if answer.Code == 0 {
			t.Error("no answer")
		}
	})
}

func fuzzedHandler(f *testing.F) (http.Handler, *bytes.Buffer) {
	f.Helper()
	cache, err := memory.New(memory.Config{TTL: time.Minute, Capacity: 1000, Memory: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(cache.Close)
	quick := new(task.Registry) // nothing that waits
	for _, name := range []string{"add", "ping", "echo_string", "sum_list", "process_person_map"} {
		if err := quick.Add(task.Default().Lookup(name)); err != nil {
			f.Fatal(err)
		}
	}
	panics := new(bytes.Buffer)
	logger := slog.New(slog.NewTextHandler(panics, &slog.HandlerOptions{Level: slog.LevelError}))
	config := newTestService(f).config
	config.Logger, config.Tasks = logger, quick
	config.Scheduler = scheduler.New(scheduler.Config{Tasks: quick, Store: cache, Logger: logger, DependencyTimeout: time.Millisecond})
	_, handler := NewHandler(config)
	return handler, panics
}

func fuzzedRequest(t *testing.T, content, procedure uint8, zip bool, body []byte) *http.Request {
	t.Helper()
	contentType := fuzzedContent[int(content)%len(fuzzedContent)]
	path := fuzzedProcedures[int(procedure)%len(fuzzedProcedures)]
	sent := body
	if zip {
		if strings.Contains(contentType, "grpc") || strings.Contains(contentType, "connect") {
			sent = envelope(1, zipped(t, body))
		} else {
			sent = zipped(t, body)
		}
	}
	request := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(sent))
	request.ProtoMajor, request.ProtoMinor = 2, 0
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("Connect-Timeout-Ms", "50")
	request.Header.Set("Grpc-Timeout", "50m")
	if zip {
		request.Header.Set("Grpc-Encoding", "gzip")
		request.Header.Set("Content-Encoding", "gzip")
		request.Header.Set("Connect-Content-Encoding", "gzip")
	}
	return request
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.Copy(w, bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
