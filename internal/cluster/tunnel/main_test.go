package tunnel_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is for what happens at once, on a machine that is busy.
const patience = time.Minute

// nodes is what the subjects of nodes begin with.
const nodes = "test.n."

// startNATS starts a server in this process.
func startNATS(tb testing.TB) *server.Server {
	tb.Helper()
	s, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true, NoSystemAccount: true})
	if err != nil {
		tb.Fatal(err)
	}
	s.Start()
	tb.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		tb.Fatal("the NATS server doesn't start")
	}
	return s
}

func connect(tb testing.TB, s *server.Server) *nats.Conn {
	tb.Helper()
	conn, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(conn.Close)
	return conn
}

func transport(tb testing.TB, s *server.Server, node string) *tunnel.Transport {
	tb.Helper()
	t, err := tunnel.NewTransport(connect(tb, s), nodes, node)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(t.Close)
	return t
}

func serve(tb testing.TB, s *server.Server, node string, handler http.HandlerFunc) *tunnel.Server {
	tb.Helper()
	return serveLogging(tb, s, node, handler, slog.New(slog.DiscardHandler))
}

func serveLogging(tb testing.TB, s *server.Server, node string, handler http.HandlerFunc, logger *slog.Logger) *tunnel.Server {
	tb.Helper()
	served, err := tunnel.Serve(connect(tb, s), nodes, node, handler, logger)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(served.Close)
	return served
}
