package server

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// TestHalfARequestDoesNotHoldUpTheExit: a client that has not sent all of a request
// when the last task has ended won't be answered.
func TestHalfARequestDoesNotHoldUpTheExit(t *testing.T) {
	authority := certtest.NewAuthority(t)
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("tls=%t", secure), func(t *testing.T) {
			var cfg Config
			var security *tls.Config
			if secure {
				cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, t.TempDir())
				security = &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12}
			}
			s := listenTest(t, cfg)
			s.hangUpTimeout = time.Hour // who waits for it fails
			stop := serve(t, s)
			silent, err := net.Dial("tcp", s.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
			halfAHeader(t, s, security)
			halfABody(t, s, 1, security)
			if s.config.HTTP2 != http2Standard { // net/http's HTTP/2 goes on reading
				halfABody(t, s, 2, security)
			}
			stop()
		})
	}
}

// halfAHeader begins an HTTP/1 request on a connection that was answered before.
func halfAHeader(t *testing.T, s *Server, security *tls.Config) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if security != nil {
		config := security.Clone()
		config.ServerName = "127.0.0.1"
		conn = tls.Client(conn, config)
	}
	if _, err := io.WriteString(conn, "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, response)
	if _, err := io.WriteString(conn, "POST /nothing HTTP/1.1\r\nHost: a\r\n"); err != nil {
		t.Fatal(err)
	}
}

// halfABody begins a request whose body never ends.
func halfABody(t *testing.T, s *Server, version int, security *tls.Config) {
	t.Helper()
	body, rest := io.Pipe()
	t.Cleanup(func() { rest.Close() })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		baseURL(s.Addr(), security != nil)+taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/grpc")
	client := newTransport(t, version, security)
	go func() {
		response, err := client.Do(request)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	}()
	// A transport takes a second piece when the first is on its way.
	for range 2 {
		if _, err := io.WriteString(rest, strings.Repeat("\x00", 4)); err != nil {
			t.Fatal(err)
		}
	}
}
