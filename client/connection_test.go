package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

func six(_ context.Context, r *taskschedulerpb.TaskRequest) (*taskschedulerpb.TaskResponse, error) {
	return &taskschedulerpb.TaskResponse{
		TaskId: r.GetTaskId(), Status: taskschedulerpb.TaskResponse_SUCCESS, Result: "6",
	}, nil
}

func wantUnreachable(t *testing.T, err error) {
	t.Helper()
	failure, ok := errors.AsType[*task.Error](err)
	if !ok || failure.Code != task.Unavailable || !errors.Is(err, client.ErrUnreachable) {
		t.Errorf("got %#v (%v), want UNAVAILABLE and ErrUnreachable", err, err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	addr := listener.Addr().String()
	_ = listener.Close()
	c := connect(t, addr, nil)
	_, err := c.Run(t.Context(), "add", 1)
	wantUnreachable(t, err)
	if want := "cannot reach " + addr + ": connect: connection refused"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("message %q, want %q", err, want)
	}
}

func TestServerThatComesBack(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	server := &script{submit: six}
	mux := http.NewServeMux()
	mux.Handle(taskschedulerpbconnect.NewTaskSchedulerHandler(server))
	// The first two connections break as soon as they carry something.
	serve(t, &breaking{Listener: listener, count: 2}, mux)
	c := connect(t, listener.Addr().String(), nil)
	if text, err := c.Run(t.Context(), "add", 1, 2, 3); err != nil || text != "6" {
		t.Errorf("got %q, %v, want 6 by the third connection", text, err)
	}
}

// breaking closes its first connections after their first byte.
type breaking struct {
	net.Listener
	count int
}

func (b *breaking) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil || b.count == 0 {
			return conn, err
		}
		b.count--
		_, _ = io.ReadFull(conn, make([]byte, 1))
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		_ = conn.Close()
	}
}

// A machine that lost its power sends nothing, not even that it is gone.
func TestSilentServerIsNoticed(t *testing.T) {
	t.Parallel()
	server := &script{submit: six}
	proxy := newProxy(t, server.start(t))
	c := connect(t, proxy.addr, func(cfg *client.Config) {
		cfg.PingAfter, cfg.PingTimeout, cfg.Attempts = 50*time.Millisecond, 10*time.Second, 1
	})
	if _, err := c.Run(t.Context(), "add"); err != nil {
		t.Fatal(err)
	}
	proxy.silent.Store(true)
	_, err := c.Run(t.Context(), "add")
	wantUnreachable(t, err)
	proxy.silent.Store(false)
	if _, err := c.Run(t.Context(), "add"); err != nil {
		t.Errorf("a new connection fails too: %v", err)
	}
}

// proxy hands connections on to a server, until it falls silent.
type proxy struct {
	addr   string
	silent atomic.Bool

	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
}

// close takes no more connections, and closes those that there are.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.cut()
}

// cut closes the connections that there are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	listener := listen(t)
	p := &proxy{addr: listener.Addr().String(), listener: listener}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := new(net.Dialer).DialContext(context.Background(), "tcp", to)
			if err != nil {
				t.Error(err)
				return
			}
			p.mu.Lock()
			p.conns = append(p.conns, in)
			p.mu.Unlock()
			running.Go(func() { p.copy(in, out) })
			running.Go(func() { p.copy(out, in) })
		}
	})
	t.Cleanup(func() {
		p.close()
		running.Wait()
	})
	return p
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.silent.Load() {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestServerThatDiesDuringAnAnswer(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	serve(t, listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		_, _ = w.Write([]byte{0, 0, 0, 0, 9, 1})
		panic(http.ErrAbortHandler)
	}))
	c := connect(t, listener.Addr().String(), nil)
	_, err := c.Run(t.Context(), "add")
	if failure, ok := errors.AsType[*task.Error](err); !ok || failure.Code == task.OK {
		t.Errorf("got %v, want a *task.Error", err)
	}
}

func TestServerThatIsNone(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	serve(t, listener, http.NotFoundHandler())
	c := connect(t, listener.Addr().String(), nil)
	_, err := c.Run(t.Context(), "add")
	if _, ok := errors.AsType[*task.Error](err); !ok || errors.Is(err, client.ErrUnreachable) {
		t.Errorf("got %v, want a *task.Error that is not ErrUnreachable", err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	handler := &script{submit: six}
	mux := http.NewServeMux()
	mux.Handle(taskschedulerpbconnect.NewTaskSchedulerHandler(handler))
	server := httptest.NewUnstartedServer(mux)
	server.EnableHTTP2 = true
	var connections atomic.Int32
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // it tells of failed handshakes
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	addr := server.Listener.Addr().String()

	c := connect(t, addr, func(cfg *client.Config) { cfg.TLS = &tls.Config{RootCAs: roots} })
	if text, err := c.Run(t.Context(), "add", 1, 2, 3); err != nil || text != "6" {
		t.Errorf("got %q, %v, want 6", text, err)
	}

	// A certificate that is not trusted does not become so by trying again.
	connections.Store(0)
	c = connect(t, addr, func(cfg *client.Config) { cfg.TLS = &tls.Config{RootCAs: x509.NewCertPool()} })
	_, err := c.Run(t.Context(), "add")
	wantUnreachable(t, err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("%v does not tell about the certificate", err)
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections for a wrong certificate, want 1", n)
	}
}

func TestTLSToAServerWithout(t *testing.T) {
	t.Parallel()
	server := &script{submit: six}
	c := connect(t, server.start(t), func(cfg *client.Config) { cfg.TLS = &tls.Config{} })
	_, err := c.Run(t.Context(), "add")
	wantUnreachable(t, err)
}

func TestManyCallersShareAClient(t *testing.T) {
	t.Parallel()
	server := &script{submit: six}
	c := connect(t, server.start(t), nil)
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			for range 20 {
				if text, err := c.Run(t.Context(), "add", 1, 2, 3); err != nil || text != "6" {
					t.Errorf("got %q, %v, want 6", text, err)
				}
			}
		})
	}
	callers.Wait()
	if calls := server.calls.Load(); calls != 64*20 {
		t.Errorf("%d calls, want %d", calls, 64*20)
	}
}
