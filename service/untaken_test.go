package service

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// untaken is a client that takes nothing of an answer until it is told to.
type untaken struct {
	*httptest.ResponseRecorder

	begun, take chan struct{}
}

func (u untaken) Write(p []byte) (int, error) {
	u.begun <- struct{}{}
	<-u.take
	return u.ResponseRecorder.Write(p)
}

// The answers that clients don't take share a budget, whatever asks for them:
// a request is small, and what it asks for may be megabytes.
func TestUntakenAnswersShareABudget(t *testing.T) {
	const large = 100_000
	tasks := new(task.Registry) // the other tests' is to stay as it is
	if err := tasks.Add(task.Default().Tasks()...); err != nil {
		t.Fatal(err)
	}
	addLarge(t, tasks, large)
	s := newTestServiceOf(t, tasks)
	s.config.Bodies = rpc.NewBodies(large * 5 / 2)
	_, handler := NewHandler(s.config)
	echo := &pb.TaskRequest{TaskId: "large", Method: "echo_string", Args: anys(t, task.String(strings.Repeat("x", large)))}
	call := func(w http.ResponseWriter, procedure, contentType string, m proto.Message) {
		body, err := proto.Marshal(m)
		if err != nil {
			t.Error(err)
		}
		if contentType != "application/proto" {
			body = envelope(0, body)
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, procedure, strings.NewReader(string(body)))
		r.ProtoMajor, r.ProtoMinor = 2, 0
		r.Header.Set("Content-Type", contentType)
		handler.ServeHTTP(w, r)
	}
	call(httptest.NewRecorder(), taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, "application/grpc", echo)
	again := &pb.TaskRequest{TaskId: "large", Method: "echo_string"}
	for name, test := range map[string]struct {
		procedure, contentType string
		request                proto.Message
	}{
		"plain":   {taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, "application/grpc", again},
		"Connect": {taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, "application/proto", again},
		"get":     {taskschedulerpbconnect.TaskSchedulerGetResultProcedure, "application/grpc", &pb.ResultRequest{TaskId: "large"}},
		"wait":    {taskschedulerpbconnect.TaskSchedulerWaitResultProcedure, "application/grpc-web+proto", &pb.WaitResultRequest{TaskId: "large"}},
		"batch":   {taskschedulerpbconnect.TaskSchedulerSubmitBatchProcedure, "application/grpc", &pb.BatchRequest{Tasks: []*pb.TaskRequest{again}}},
		"node":    {taskschedulerpbconnect.TaskSchedulerGetNodeInfoProcedure, "application/grpc", &pb.NodeInfoRequest{}},
		"task":    {taskschedulerpbconnect.TaskSchedulerDescribeTaskProcedure, "application/grpc", &pb.DescribeTaskRequest{Method: "many_0"}},
		"stream":  {taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure, "application/grpc", again},
	} {
		t.Run(name, func(t *testing.T) {
			u := untaken{begun: make(chan struct{}, 8), take: make(chan struct{})}
			done := make(chan struct{}, 2)
			for range 2 {
				u.ResponseRecorder = httptest.NewRecorder()
				go func() {
					call(u, test.procedure, test.contentType, test.request)
					done <- struct{}{}
				}()
				<-u.begun
			}
			third := httptest.NewRecorder()
			call(third, test.procedure, test.contentType, test.request)
			if third.Body.Len() > 1000 {
				t.Errorf("a third answer: %d bytes", third.Body.Len())
			}
			if said := fmt.Sprint(third.Header(), third.Body); test.procedure != taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure &&
				!strings.Contains(said, "not taken yet") && !strings.Contains(said, "not%20taken%20yet") {
				t.Errorf("a third answer: %s", said)
			}
			close(u.take)
			<-done
			<-done
			if held := s.config.Bodies.AnswersHeld(); held != 0 {
				t.Errorf("%d bytes are held by answers that have been taken", held)
			}
		})
	}
}

// addLarge adds tasks with much to tell of, as plugins may have them: their names
// together, and the words of each, take that many bytes.
func addLarge(t *testing.T, tasks *task.Registry, bytes int) {
	t.Helper()
	const name = 100
	for i := range bytes / name {
		many, err := task.NewSync(func() {}, task.Name("many_"+fmt.Sprint(i)+strings.Repeat("x", name*min(i, 1))), task.Doc(strings.Repeat("x", bytes)))
		if err == nil {
			err = tasks.Add(many)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A byte may become six in JSON.
func TestAnswersInJSONAreAsLargeAsTheirEscapes(t *testing.T) {
	const large = 100_000
	s := newTestService(t)
	s.config.Bodies = rpc.NewBodies(large * 5 / 2)
	_, handler := NewHandler(s.config)
	call := func(contentType string, body []byte) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost,
			taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, strings.NewReader(string(body)))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	for character, code := range map[string]int{"x": http.StatusOK, "\x01": http.StatusTooManyRequests} {
		echo := &pb.TaskRequest{TaskId: character, Method: "echo_string", Args: anys(t, task.String(strings.Repeat(character, large)))}
		if w := call("application/proto", message(t, echo)); w.Code != http.StatusOK {
			t.Errorf("%q in protobuf: %d, %.200s", character, w.Code, w.Body)
		}
		again, err := protojson.Marshal(&pb.TaskRequest{TaskId: character, Method: "ping"})
		if err != nil {
			t.Fatal(err)
		}
		if w := call("application/json", again); w.Code != code {
			t.Errorf("%q in JSON: %d, %.200s", character, w.Code, w.Body)
		}
	}
}
