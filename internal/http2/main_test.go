package http2_test

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/http2"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A served is a server on a port of its own.
type served struct {
	*http2.Server

	addr string
	log  *logtest.Buffer
}

// serveTest serves hs until the test ends.
func serveTest(tb testing.TB, hs *http.Server, options http2.Options) *served {
	tb.Helper()
	logged := new(logtest.Buffer)
	if hs.ErrorLog == nil {
		hs.ErrorLog = log.New(logged, "", 0)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := http2.New(hs, options)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if hs.TLSConfig != nil {
			_ = hs.ServeTLS(l, "", "")
		} else {
			_ = hs.Serve(s.Listener(l))
		}
	}()
	tb.Cleanup(func() {
		_ = hs.Close()
		_ = s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			tb.Errorf("handlers still run: %v", err)
		}
		<-done
	})
	return &served{Server: s, addr: l.Addr().String(), log: logged}
}

// plainClient speaks HTTP/2 without TLS.
func plainClient(tb testing.TB) *http.Client {
	tb.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	tb.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// body reads a response's.
func body(tb testing.TB, response *http.Response) string {
	tb.Helper()
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(all)
}
