package service

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A plain gRPC call is answered without Connect, everything else by it; a
// client must not be able to tell. So each call here is made to both.

// call is one HTTP request for SubmitTask.
type call struct {
	method string // POST if empty
	header map[string]string
	body   []byte
}

// seen is what a client sees of the answer.
type seen struct {
	Status          int
	Header, Trailer http.Header
	Body            string
}

func envelope(flag byte, message []byte) []byte {
	b := binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(message)))
	return append(b, message...)
}

func message(t *testing.T, request *pb.TaskRequest, args ...proto.Message) []byte {
	t.Helper()
	for _, arg := range args {
		packed, err := anypb.New(arg)
		if err != nil {
			t.Fatal(err)
		}
		request.Args = append(request.Args, packed)
	}
	b, err := proto.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func conformanceCalls(t *testing.T) map[string]call {
	t.Helper()
	grpc := func(extra ...string) map[string]string {
		header := map[string]string{"Content-Type": "application/grpc", "Te": "trailers"}
		for i := 0; i < len(extra); i += 2 {
			header[extra[i]] = extra[i+1]
		}
		return header
	}
	add := envelope(0, message(t, &pb.TaskRequest{TaskId: "one", Method: "add"}, wrapperspb.Int32(1), wrapperspb.Int32(2)))
	large := envelope(0, message(t, &pb.TaskRequest{TaskId: "large", Method: "echo_string"}, wrapperspb.String(strings.Repeat("x", 5000))))
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(add[5:])
	_ = w.Close()
	return map[string]call{
		"success":                 {header: grpc(), body: add},
		"grpc+proto":              {header: grpc("Content-Type", "application/grpc+proto"), body: add},
		"a client of gzip":        {header: grpc("Grpc-Accept-Encoding", "identity,deflate, gzip"), body: add},
		"a large result":          {header: grpc(), body: large},
		"a large result in gzip":  {header: grpc("Grpc-Accept-Encoding", "gzip"), body: large},
		"identity":                {header: grpc("Grpc-Encoding", "identity"), body: add},
		"gzip":                    {header: grpc("Grpc-Encoding", "gzip"), body: envelope(1, zipped.Bytes())},
		"another encoding":        {header: grpc("Grpc-Encoding", "deflate"), body: add},
		"compressed, it says":     {header: grpc(), body: envelope(1, add[5:])},
		"an unknown flag":         {header: grpc(), body: envelope(4, add[5:])},
		"a deadline":              {header: grpc("Grpc-Timeout", "10S"), body: add},
		"a deadline that is over": {header: grpc("Grpc-Timeout", "0n"), body: add},
		"hours":                   {header: grpc("Grpc-Timeout", "99999999H"), body: add},
		"a bad deadline":          {header: grpc("Grpc-Timeout", "soon"), body: add},
		"a long deadline":         {header: grpc("Grpc-Timeout", "999999999S"), body: add},
		"a signed deadline":       {header: grpc("Grpc-Timeout", "-1S"), body: add},
		"a deadline with a plus":  {header: grpc("Grpc-Timeout", "+1S"), body: add},
		"no message":              {header: grpc()},
		"an empty message":        {header: grpc(), body: envelope(0, nil)},
		"two messages":            {header: grpc(), body: append(slices.Clone(add), add...)},
		"half a message":          {header: grpc(), body: add[:len(add)-1]},
		"half an envelope":        {header: grpc(), body: add[:3]},
		"more than was said":      {header: grpc(), body: append(slices.Clone(add), 0)},
		"too large":               {header: grpc(), body: envelope(0, make([]byte, 5<<20))},
		"large":                   {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "add", TaskId: strings.Repeat("i", 1<<19)}))},
		"not protobuf":            {header: grpc(), body: envelope(0, []byte{0xff})},
		"another wire type":       {header: grpc(), body: envelope(0, []byte{8, 1})},
		"an unknown method":       {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "nonexistent"}))},
		"no method":               {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{TaskId: "none"}))},
		"a bad argument":          {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "add"}, wrapperspb.String("größer ")))},
		"a foreign argument":      {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "add"}, &pb.TaskRequest{}))},
		"not yet":                 {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "add", Priority: 1}))},
		"detached":                {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{TaskId: "later", Method: "ping", Detached: true, Sequence: 7}))},
		"an unknown dependency":   {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "ping", Deps: []string{"nobody"}}))},
		"too many dependencies":   {header: grpc(), body: envelope(0, message(t, &pb.TaskRequest{Method: "ping", Deps: make([]string, 2000)}))},
		"another content type":    {header: grpc("Content-Type", "application/grpc+xml"), body: add},
		"JSON":                    {header: grpc("Content-Type", "application/grpc+json"), body: envelope(0, []byte(`{"taskId":"j","method":"ping"}`))},
		"gRPC-Web":                {header: grpc("Content-Type", "application/grpc-web"), body: add},
		"Connect":                 {header: map[string]string{"Content-Type": "application/proto"}, body: add[5:]},
		"GET":                     {method: http.MethodGet, header: grpc()},
	}
}

func TestPlainCallsAreLikeConnects(t *testing.T) {
	for name, c := range conformanceCalls(t) {
		t.Run(name, func(t *testing.T) {
			times := 3
			if name == "detached" {
				times = 1 // later ones see how far the task has come
			}
			for _, own := range []bool{false, true} {
				plain, connects := c.make(t, true, own, times), c.make(t, false, own, times)
				if plain.Status != connects.Status || plain.Body != connects.Body ||
					!maps.EqualFunc(plain.Header, connects.Header, slices.Equal) ||
					!maps.EqualFunc(plain.Trailer, connects.Trailer, slices.Equal) {
					t.Errorf("our own HTTP/2 %t: got\n%+v\nConnect's\n%+v", own, plain, connects)
				}
			}
		})
	}
}

// make makes the call to a new service, several times: our own HTTP/2 has a
// shortcut, and knows the header again. It returns what the last one's client sees.
func (c call) make(t *testing.T, plain, own bool, times int) (last seen) {
	t.Helper()
	config := newTestService(t).config
	_, handler := newHandler(config, plain)
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	if own {
		shortcut, has := handler.(http2.Shortcut)
		if has != plain {
			t.Fatalf("a shortcut: %t, want %t", has, plain)
		}
		defer http2.New(server.Config, http2.Options{Shortcut: shortcut}).Close()
	}
	server.StartTLS()
	defer server.Close()
	for last = c.makeTo(t, server); times > 1; times-- {
		last = c.makeTo(t, server)
	}
	return last
}

func (c call) makeTo(t *testing.T, server *httptest.Server) seen {
	t.Helper()
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	url := server.URL + taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	client := server.Client()
	client.Transport.(*http.Transport).DisableCompression = true
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.ProtoMajor != 2 {
		t.Fatalf("the call went over %s", response.Proto)
	}
	response.Header.Del("Date")
	return seen{response.StatusCode, response.Header, response.Trailer, string(body)}
}
