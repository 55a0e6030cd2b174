package service

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

// A client is known by its certificate, else by its address: by the network of
// one customer where addresses are given away in networks (IPv6).

const customerBits = 64

// callerOf returns the name by which a request's client is known to the
// scheduler, which lets none take everybody's room.
func callerOf(r *http.Request) string {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return "certificate " + string(r.TLS.PeerCertificates[0].RawSubject)
	}
	if caller, ok := cutCaller(r.RemoteAddr); ok {
		return caller
	}
	if strings.HasPrefix(r.RemoteAddr, "[") {
		if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && !at.Addr().Is4In6() {
			if network, err := at.Addr().WithZone("").Prefix(customerBits); err == nil {
				return network.String()
			}
		}
	}
	if colon := strings.LastIndexByte(r.RemoteAddr, ':'); colon >= 0 {
		return r.RemoteAddr[:colon]
	}
	return r.RemoteAddr
}

type callerKey struct{}

// withCaller hands the caller to a handler that doesn't see the request.
func withCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, callerOf(r))))
	})
}

// callerIn returns the caller of a call by Connect.
func callerIn(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(string)
	return caller
}
