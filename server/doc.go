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
// Its settings are the fields of [Config], each declared once: the tags hold its
// default and all that the command line makes of it.
//
// Operators have a port of their own, with the admin service, metrics and probes;
// internal/adminport decides who may use it.
//
// HTTP/2 is internal/http2's unless [Config.HTTP2] says otherwise, HTTP/1 always
// net/http's; docs/performance.md has the figures.
package server
