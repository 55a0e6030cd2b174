package server

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// eachSecurity runs test against a server that speaks plain text and one that
// wants client certificates.
func eachSecurity(t *testing.T, test func(t *testing.T, s *Server, config *tls.Config)) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		s := listenTest(t, Config{})
		serve(t, s)
		test(t, s, nil)
	})
	t.Run("tls", func(t *testing.T) {
		authority := certtest.NewAuthority(t)
		dir := t.TempDir()
		cfg := Config{TLSCACert: authority.Write(t, dir)}
		cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, dir)
		s := listenTest(t, cfg)
		serve(t, s)
		test(t, s, trust(authority, authority.Issue(t, "client").TLS(t)))
	})
}

func TestGRPC(t *testing.T) {
	eachSecurity(t, func(t *testing.T, s *Server, config *tls.Config) {
		conn := dialGRPC(t, s.Addr(), config)
		response, err := submit(t.Context(), conn, addition(t))
		if err != nil || response.GetResult() != "6" || response.GetStatus() != pb.TaskResponse_SUCCESS {
			t.Errorf("add(1, 2, 3) = %v, %v", response, err)
		}
		if response.GetNodeId() != s.nodeID {
			t.Errorf("node %q answered, want %s", response.GetNodeId(), s.nodeID)
		}
		_, err = submit(t.Context(), conn, &pb.TaskRequest{Method: "nothing"})
		if got := status.Convert(err); got.Code() != codes.NotFound || got.Message() != "Method not found: nothing" {
			t.Errorf("an unknown method: %v", err)
		}
		err = conn.Invoke(t.Context(), "/taskscheduler.Unknown/Call", &pb.TaskRequest{}, &pb.TaskResponse{})
		if status.Code(err) != codes.Unimplemented {
			t.Errorf("an unknown service: %v", err)
		}
	})
}

func TestConnectProtocols(t *testing.T) {
	options := map[string][]connect.ClientOption{
		"connect":       nil,
		"connect json":  {connect.WithProtoJSON()},
		"grpc-web":      {connect.WithGRPCWeb()},
		"grpc-web json": {connect.WithGRPCWeb(), connect.WithProtoJSON()},
		"grpc":          {connect.WithGRPC()},
		"grpc json":     {connect.WithGRPC(), connect.WithProtoJSON()},
	}
	eachSecurity(t, func(t *testing.T, s *Server, config *tls.Config) {
		for name, options := range options {
			for version := 1; version <= 2; version++ {
				if version == 1 && strings.HasPrefix(name, "grpc") && !strings.HasPrefix(name, "grpc-web") {
					continue // gRPC needs HTTP/2
				}
				t.Run(fmt.Sprintf("%s over HTTP %d", name, version), func(t *testing.T) {
					client := newConnect(newTransport(t, version, config), baseURL(s.Addr(), config != nil), options...)
					response, err := client.SubmitTask(t.Context(), addition(t))
					if err != nil || response.GetResult() != "6" {
						t.Errorf("add(1, 2, 3) = %v, %v", response, err)
					}
					_, err = client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "fibonacci"})
					if connect.CodeOf(err) != connect.CodeInvalidArgument {
						t.Errorf("fibonacci() = %v", err)
					}
				})
			}
		}
	})
}

func TestPlainJSON(t *testing.T) {
	const request = `{"method": "ping", "args": [{"@type": "type.googleapis.com/google.protobuf.StringValue", "value": "curl"}]}`
	eachSecurity(t, func(t *testing.T, s *Server, config *tls.Config) {
		url := baseURL(s.Addr(), config != nil) + taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
		for version := 1; version <= 2; version++ {
			response, err := newTransport(t, version, config).Post(url, "application/json", strings.NewReader(request))
			if err != nil {
				t.Fatal(err)
			}
			body := readAll(t, response)
			if response.ProtoMajor != version || response.StatusCode != http.StatusOK || !strings.Contains(body, `"pong: curl"`) {
				t.Errorf("%s answered %s %s", response.Proto, response.Status, body)
			}
		}
	})
}

func TestUnknownPathSaysWhatIsHere(t *testing.T) {
	eachSecurity(t, func(t *testing.T, s *Server, config *tls.Config) {
		for _, path := range []string{"/", "/favicon.ico"} {
			response, err := newTransport(t, 1, config).Get(baseURL(s.Addr(), config != nil) + path)
			if err != nil {
				t.Fatal(err)
			}
			body := readAll(t, response)
			if response.StatusCode != http.StatusNotFound || !strings.Contains(body, "taskscheduler.TaskScheduler") || len(body) > 200 {
				t.Errorf("GET %s: %s %q", path, response.Status, body)
			}
		}
	})
}

func TestOnlyGivenOriginsMayCall(t *testing.T) {
	for _, test := range []struct {
		origins []string
		origin  string
		allowed string
	}{
		{nil, "https://example.com", ""},
		{[]string{"https://example.com"}, "https://example.com", "https://example.com"},
		{[]string{"https://*.example.com"}, "https://a.example.com", "https://a.example.com"},
		{[]string{"https://example.com"}, "https://evil.example", ""},
		{[]string{"*"}, "https://anywhere.example", "*"},
	} {
		s := listenTest(t, Config{CORSOrigins: test.origins, CORSHeaders: []string{"Authorization", "traceparent"}})
		stop := serve(t, s)
		url := baseURL(s.Addr(), false) + taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
		preflight, err := http.NewRequest(http.MethodOptions, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		preflight.Header.Set("Origin", test.origin)
		preflight.Header.Set("Access-Control-Request-Method", http.MethodPost)
		preflight.Header.Set("Access-Control-Request-Headers", "authorization,connect-protocol-version,content-type,traceparent")
		call, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"method": "ping"}`))
		if err != nil {
			t.Fatal(err)
		}
		call.Header.Set("Origin", test.origin)
		call.Header.Set("Content-Type", "application/json")
		client := newTransport(t, 1, nil)
		for _, request := range []*http.Request{preflight, call} {
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, response)
			if got := response.Header.Get("Access-Control-Allow-Origin"); got != test.allowed {
				t.Errorf("%v: a %s from %s may be read by %q, want %q", test.origins, request.Method, test.origin, got, test.allowed)
			}
		}
		client.CloseIdleConnections()
		stop()
	}
}
