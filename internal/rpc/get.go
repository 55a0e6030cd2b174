package rpc

import (
	"net/http"
	"slices"

	"connectrpc.com/connect"
)

// Reads makes these procedures answer Connect's GET requests, which a browser
// sends without asking first. They must change nothing.
func Reads(procedures ...string) connect.HandlerOption {
	return connect.WithConditionalHandlerOptions(func(spec connect.Spec) []connect.HandlerOption {
		if !slices.Contains(procedures, spec.Procedure) {
			return nil
		}
		return []connect.HandlerOption{connect.WithIdempotency(connect.IdempotencyNoSideEffects)}
	})
}

// Uncached keeps what is between a client and next from answering GET requests
// in next's place: what is read may be another thing a moment later.
func Uncached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}
