package client_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
)

// TestServersOfOtherProtocols: the error says what to change, and the client
// doesn't try again.
func TestServersOfOtherProtocols(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	old := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(old.Close)
	for name, test := range map[string]struct {
		addr string
		tls  *tls.Config
		want string
	}{
		"TLS, called in the clear":             {secure.Listener.Addr().String(), nil, "it speaks TLS, and is called in the clear: set Config.TLS"},
		"TLS of another make":                  {alerting(t), nil, "it speaks TLS, and is called in the clear: set Config.TLS"},
		"HTTP/1, called in the clear":          {old.Listener.Addr().String(), nil, "it answers in HTTP/1: it is no server of tasks, or something between speaks no HTTP/2"},
		"HTTP/1 in the clear, called with TLS": {old.Listener.Addr().String(), &tls.Config{}, "it speaks no TLS: call it without Config.TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, test.addr, func(cfg *client.Config) { cfg.TLS, cfg.Attempts = test.tls, 1000 })
			_, err := c.Node(t.Context())
			wantUnreachable(t, err)
			if want := "cannot reach " + test.addr + ": " + test.want; err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// alerting answers what is not TLS with an alert, as OpenSSL does.
func alerting(t *testing.T) (addr string) {
	t.Helper()
	listener := listen(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadFull(conn, make([]byte, 24))       // the preface
			_, _ = conn.Write([]byte{21, 3, 1, 0, 2, 2, 70}) // fatal: protocol version
			_ = conn.(*net.TCPConn).CloseWrite()             // what more is sent causes no reset
			_, _ = io.Copy(io.Discard, conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-ended
	})
	return listener.Addr().String()
}
