// Package server puts the parts together: tasks, scheduler and results behind
// one port that speaks gRPC, gRPC-Web and Connect over HTTP/1.1 and HTTP/2,
// plain or over TLS.
//
// [Run] is all that a main needs:
//
//	err := server.Run(ctx, server.Config{Addr: "127.0.0.1:50051"})
//
// It returns once ctx has ended and what was running has finished.
//
// Operators have a port of their own (admin.go), with the admin service,
// metrics and probes; admin_access.go says who may use it.
//
// HTTP/2 is internal/http2's unless [Config.HTTP2] says otherwise, HTTP/1 always
// net/http's (endpoint.go); docs/performance.md has the figures.
package server
