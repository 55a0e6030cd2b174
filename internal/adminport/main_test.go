package adminport_test

import (
	"context"
	"crypto/tls"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"
	"go.uber.org/goleak"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A bench serves what is behind a port: an admin service that answers GetStatus
// with who asks, as NodeId (the caller's name) and Version (the peer), and
// "here" at every other path.
type bench struct {
	*adminport.Port

	logs    logtest.Buffer
	refused atomic.Value // a string: the last one
	scheme  string
	stop    func()
}

type whoService struct {
	adminpbconnect.UnimplementedAdminServiceHandler
}

func (whoService) GetStatus(ctx context.Context, _ *adminpb.GetStatusRequest) (*adminpb.GetStatusResponse, error) {
	caller := adminport.CallerOf(ctx)
	return &adminpb.GetStatusResponse{NodeId: caller.Name, Version: caller.Peer}, nil
}

// serve serves until the test ends, or until stop is called.
func serve(t *testing.T, config adminport.Config) *bench {
	t.Helper()
	return serveWith(t, config, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "here") })
}

// serveWith is serve with what answers at every other path than the service's.
func serveWith(t *testing.T, config adminport.Config, elsewhere http.HandlerFunc) *bench {
	t.Helper()
	b := &bench{scheme: "http"}
	config.Logger = slog.New(slog.NewTextHandler(&b.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	var err error
	if b.Port, err = adminport.Listen(config); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(adminpbconnect.NewAdminServiceHandler(whoService{}))
	mux.HandleFunc("/", elsewhere)
	server := &http.Server{
		Handler: b.Guard(mux, func(_ context.Context, caller adminport.Caller, path, reason string) {
			b.refused.Store(path + " of " + caller.Name + ": " + reason)
		}), ConnContext: adminport.ConnContext, Protocols: new(http.Protocols),
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(config.TLS == nil)
	server.Protocols.SetHTTP2(config.TLS != nil)
	var listener net.Listener = b.Port
	if config.TLS != nil {
		b.scheme, server.TLSConfig = "https", config.TLS
		listener = tls.NewListener(b.Port, config.TLS)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	b.stop = sync.OnceFunc(func() {
		_ = server.Close()
		<-ended
	})
	t.Cleanup(b.stop)
	return b
}

// url is what the paths of requests follow, by a name that b knows.
func (b *bench) url() string {
	if tcp, ok := b.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return b.scheme + "://" + (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: tcp.Port}).String()
	}
	if b.Addr().Network() == "unix" {
		return b.scheme + "://socket"
	}
	return b.scheme + "://" + b.Addr().String()
}

// client returns an HTTP client of b that speaks one version, 1 or 2.
func (b *bench) client(t *testing.T, version int, config *tls.Config) *http.Client {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: config.Clone(), Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(version == 1)
	transport.Protocols.SetHTTP2(version == 2 && b.scheme == "https")
	transport.Protocols.SetUnencryptedHTTP2(version == 2 && b.scheme == "http")
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if b.Addr().Network() == "unix" {
			network, addr = "unix", b.Addr().String()
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// rpcs returns a client of the service that shows a token, which may be empty.
func (b *bench) rpcs(t *testing.T, config *tls.Config, authorization string, options ...connect.ClientOption) adminpbconnect.AdminServiceClient {
	t.Helper()
	header := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			if authorization != "" {
				request.Header().Set("Authorization", authorization)
			}
			return next(ctx, request)
		}
	})
	return adminpbconnect.NewAdminServiceClient(b.client(t, 2, config), b.url(), append(options, connect.WithInterceptors(header))...)
}

// who returns what the service knows of who asks with a token, which may be
// empty.
func (b *bench) who(t *testing.T, config *tls.Config, authorization string, options ...connect.ClientOption) (name, peer string, err error) {
	t.Helper()
	status, err := b.rpcs(t, config, authorization, options...).GetStatus(t.Context(), &adminpb.GetStatusRequest{})
	return status.GetNodeId(), status.GetVersion(), err
}

// get returns the status and the header that a path answers to one who shows a
// token, which may be empty.
func (b *bench) get(t *testing.T, path, authorization string) (status int, header http.Header) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, b.url()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := b.client(t, 1, nil).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

// writeFile puts a file in the place of another in one step, and returns its
// name.
func writeFile(t *testing.T, name, text string, mode fs.FileMode) string {
	t.Helper()
	next := name + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(next, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, name); err != nil {
		t.Fatal(err)
	}
	return name
}
