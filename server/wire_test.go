package server

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// post sends a body as it is, with headers in pairs, and returns the answer
// with its body read.
func post(t *testing.T, s *Server, path, contentType string, body []byte, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, baseURL(s.Addr(), false)+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := newTransport(t, 2, nil).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response, readAll(t, response)
}

// envelope is a message as gRPC has it in a body.
func envelope(t *testing.T, message proto.Message) []byte {
	t.Helper()
	encoded, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte{0, 0, 0, 0, byte(len(encoded))}, encoded...)
}

// An empty grpc-encoding in the answer ends the connection for clients of
// gRPC's C core, with everybody's calls on it.
func TestUnknownEncodingIsToldWhichThereAre(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	const path = taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
	message := envelope(t, &pb.TaskRequest{Method: "ping"})

	response, _ := post(t, s, path, "application/grpc", message, "Grpc-Encoding", "deflate")
	if values, ok := response.Header["Grpc-Encoding"]; ok {
		t.Errorf("the answer has grpc-encoding %q", values)
	}
	if got := response.Header.Get("Grpc-Accept-Encoding"); got != "gzip" {
		t.Errorf("grpc-accept-encoding is %q", got)
	}
	if response.Trailer.Get("Grpc-Status") != "12" || !strings.Contains(response.Trailer.Get("Grpc-Message"), "gzip") {
		t.Errorf("gRPC is answered %v", response.Trailer)
	}
	for contentType, header := range map[string]string{
		"application/grpc-web":      "Grpc-Encoding",
		"application/proto":         "Content-Encoding",
		"application/connect+proto": "Connect-Content-Encoding",
	} {
		response, body := post(t, s, path, contentType, message, header, "br")
		if all := response.Header.Get("Grpc-Message") + body; !strings.Contains(all, "gzip") {
			t.Errorf("%s is answered %q, %v", contentType, body, response.Header)
		}
		if values, ok := response.Header[header]; ok && values[0] == "" {
			t.Errorf("%s has an empty %s", contentType, header)
		}
	}
	if response, _ := post(t, s, path, "application/grpc", message, "Grpc-Encoding", "identity"); response.Trailer.Get("Grpc-Status") != "0" {
		t.Errorf("no encoding is answered %v", response.Trailer)
	}
}

// Clients of gRPC's C core that watch the health don't decompress it.
func TestHealthIsNotCompressed(t *testing.T) {
	s := listenTest(t, Config{})
	stop := serve(t, s)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		baseURL(s.Addr(), false)+"/grpc.health.v1.Health/Watch", bytes.NewReader(make([]byte, 5)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("Grpc-Accept-Encoding", "identity, deflate, gzip")
	response, err := newTransport(t, 2, nil).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, 1)
	if _, err := io.ReadFull(response.Body, first); err != nil || first[0] != 0 {
		t.Errorf("the first message has flags %v, %v", first, err)
	}
	if values, ok := response.Header["Grpc-Encoding"]; ok {
		t.Errorf("grpc-encoding is %q", values)
	}
	stop()
}

func TestGRPCMessageIsALegalHeader(t *testing.T) {
	for contentType, headers := range map[string][]string{
		"application/grpc":      nil,
		"application/grpc+json": {"Grpc-Encoding", "identity"}, // another way than plain gRPC's
	} {
		t.Run(contentType, func(t *testing.T) { testLegalMessage(t, contentType, headers) })
	}
}

func testLegalMessage(t *testing.T, contentType string, headers []string) {
	t.Helper()
	tasks := new(task.Registry)
	fails, err := task.NewSync(func() (string, error) {
		return "", task.Errorf(task.FailedPrecondition, "  ends in a blank ")
	}, task.Name("fails"))
	if err != nil {
		t.Fatal(err)
	}
	if err = tasks.Add(fails); err != nil {
		t.Fatal(err)
	}
	s := listenTest(t, Config{Tasks: tasks})
	serve(t, s)
	body := envelope(t, &pb.TaskRequest{Method: "fails"})
	if strings.HasSuffix(contentType, "json") {
		body = append([]byte{0, 0, 0, 0, 18}, `{"method":"fails"}`...)
	}
	response, _ := post(t, s, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, contentType, body, headers...)
	got := response.Trailer.Get("Grpc-Message")
	decoded, err := url.PathUnescape(got)
	if err != nil || decoded != "  ends in a blank " || strings.Trim(got, " ") != got {
		t.Errorf("grpc-message is %q", got)
	}
}

func TestReadsAnswerGet(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	for procedure, want := range map[string]int{
		taskschedulerpbconnect.TaskSchedulerGetNodeInfoProcedure: http.StatusOK,
		taskschedulerpbconnect.TaskSchedulerGetResultProcedure:   http.StatusOK,
		taskschedulerpbconnect.TaskSchedulerWaitResultProcedure:  http.StatusOK,
		taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure:  http.StatusMethodNotAllowed,
		taskschedulerpbconnect.TaskSchedulerCancelTaskProcedure:  http.StatusMethodNotAllowed,
	} {
		query := url.Values{"connect": {"v1"}, "encoding": {"json"}, "message": {`{}`}}
		response, err := newTransport(t, 1, nil).Get(baseURL(s.Addr(), false) + procedure + "?" + query.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if body := readAll(t, response); response.StatusCode != want {
			t.Errorf("GET %s answers %s %s, want %d", procedure, response.Status, body, want)
		}
		if got := response.Header.Get("Cache-Control"); want == http.StatusOK && got != "no-store" {
			t.Errorf("GET %s may be cached: %q", procedure, got)
		}
	}
}
