package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestCallsByHandAreTold: the answer to a curl without -H says what to send, in
// JSON like any other error.
func TestCallsByHandAreTold(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	client := newTransport(t, 1, nil)
	const submit, stream = "/taskscheduler.TaskScheduler/SubmitTask", "/taskscheduler.TaskScheduler/SubmitTasks"
	for name, test := range map[string]struct {
		method, path, contentType string
		status                    int
		want                      string
	}{
		"as curl -d sends it": {"POST", submit, "application/x-www-form-urlencoded", 415, `want the header Content-Type: application/json (or one of gRPC, gRPC-Web or Connect), got "application/x-www-form-urlencoded"`},
		"none":                {"POST", submit, "", 415, `Connect), got ""`},
		"text":                {"POST", submit, "text/plain; charset=utf-8", 415, `got "text/plain; charset=utf-8"`},
		"GET":                 {"GET", submit, "", 405, "want POST with the header Content-Type: application/json (or one of gRPC, gRPC-Web or Connect), got GET"},
		"JSON to a stream":    {"POST", stream, "application/json", 415, "want the header Content-Type: application/connect+json"},
		"to a health check":   {"POST", "/grpc.health.v1.Health/Check", "text/json", 415, "Content-Type: application/json"},
		"as it should be":     {"POST", submit, "application/json", 200, ""},
		"with a charset":      {"POST", submit, "Application/JSON; charset=utf-8", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, baseURL(s.Addr(), false)+test.path, strings.NewReader(`{"method":"add"}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", test.contentType)
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			var answer struct{ Code, Message string }
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || !strings.Contains(answer.Message, test.want) || test.want != "" && answer.Code != "invalid_argument" {
				t.Errorf("%s: %+v, want %d, %s", response.Status, answer, test.status, test.want)
			}
		})
	}
}
