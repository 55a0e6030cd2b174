package server

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/connectivity"
)

// Clients are asked to open another connection from time to time, and no call
// of theirs fails for it.
func TestConnectionsGrowOld(t *testing.T) {
	s := listenTest(t, Config{HTTP2: http2Own, MaxConnectionAge: 100 * time.Millisecond})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	conn.Connect()
	for range 3 {
		for state := conn.GetState(); state != connectivity.Ready; state = conn.GetState() {
			conn.Connect()
			conn.WaitForStateChange(t.Context(), state)
		}
		for conn.GetState() == connectivity.Ready {
			if _, err := submit(t.Context(), conn, addition(t)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAgeNeedsOurOwnHTTP2(t *testing.T) {
	_, err := Listen(Config{HTTP2: http2Standard, MaxConnectionAge: time.Hour})
	if err == nil || !strings.Contains(err.Error(), "Config.MaxConnectionAge") {
		t.Errorf("got %v", err)
	}
	if _, err := Listen(Config{HTTP2: "other"}); err == nil || !strings.Contains(err.Error(), "Config.HTTP2") {
		t.Errorf("got %v", err)
	}
}

// HTTP/1 is net/http's, whichever HTTP/2 is served.
func TestHTTP1BesideEither(t *testing.T) {
	for _, http2 := range []string{http2Own, http2Standard} {
		s := listenTest(t, Config{HTTP2: http2})
		serve(t, s)
		for version := 1; version <= 2; version++ {
			client := newConnect(newTransport(t, version, nil), baseURL(s.Addr(), false))
			response, err := client.SubmitTask(t.Context(), addition(t))
			if err != nil || response.GetResult() != "6" {
				t.Errorf("%s, HTTP/%d: %v %v", http2, version, response, err)
			}
		}
	}
}
