package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

const (
	benchConnections = 4
	benchStreams     = 32 // on each connection
)

// BenchmarkCall is a whole call, client included: add(1, 2, 3) over loopback
// on 4 connections with 32 calls each in flight.
func BenchmarkCall(b *testing.B) {
	for _, secure := range []bool{false, true} {
		for _, http2 := range []string{http2Own, http2Standard} {
			for _, client := range []string{"grpc", "connect"} {
				b.Run(fmt.Sprintf("tls=%t/http2=%s/client=%s", secure, http2, client), func(b *testing.B) {
					benchmarkCall(b, secure, http2, client)
				})
			}
		}
	}
}

type caller func(context.Context, *pb.TaskRequest) (*pb.TaskResponse, error)

func benchmarkCall(b *testing.B, secure bool, http2, client string) {
	b.Helper()
	cfg := Config{HTTP2: http2}
	var config *tls.Config
	if secure {
		authority := certtest.NewAuthority(b)
		cfg.TLSCert, cfg.TLSKey = authority.Issue(b, "server").Write(b, b.TempDir())
		config = &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12}
	}
	s := listenTest(b, cfg)
	serve(b, s)

	callers := make([]caller, benchConnections)
	for i := range callers {
		callers[i] = benchCaller(b, s, config, client)
		if _, err := callers[i](b.Context(), addition(b)); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int32
	b.SetParallelism(max(benchConnections*benchStreams/runtime.GOMAXPROCS(0), 1)) // for each core
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(p *testing.PB) {
		call := callers[next.Add(1)%benchConnections]
		request := addition(b)
		for p.Next() {
			if response, err := call(b.Context(), request); err != nil || response.GetResult() != "6" {
				b.Errorf("got %v, %v", response, err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func benchCaller(b *testing.B, s *Server, config *tls.Config, client string) caller {
	b.Helper()
	if client == "connect" {
		transport := newTransport(b, 2, config)
		return newConnect(transport, baseURL(s.Addr(), config != nil), connect.WithGRPC()).SubmitTask
	}
	conn := dialGRPC(b, s.Addr(), config)
	return func(ctx context.Context, request *pb.TaskRequest) (*pb.TaskResponse, error) {
		return submit(ctx, conn, request)
	}
}
