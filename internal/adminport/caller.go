package adminport

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"time"
)

// A Caller is who makes a request.
type Caller struct {
	// Peer is the network address that it comes from, or "unix socket".
	Peer string
	// Name is who the caller has proved to be, such as "token alice"; empty
	// when the port asks for no proof.
	Name string
	// Role is what it may do.
	Role Role
	// SessionEnds is when its session does; zero without one.
	SessionEnds time.Time
}

// who names the caller for people.
func (c *Caller) who() string { return cmp.Or(c.Name, c.Peer) }

type callerKey struct{}

// CallerOf returns who makes the request that ctx is of: one that came through
// a [Port.Guard], else nobody.
func CallerOf(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller) // without one, nothing is known
	return caller
}

// WithCaller returns a context of requests that a caller makes, for those that don't
// come through a [Port.Guard].
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// userKey is the key of the user at the other end of a Unix socket, a string,
// in the contexts of its requests.
type userKey struct{}

// ConnContext is for [http.Server.ConnContext].
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	for {
		wrapped, ok := conn.(interface{ NetConn() net.Conn }) // as [tls.Conn] has it
		if !ok {
			break
		}
		conn = wrapped.NetConn()
	}
	socket, isUnix := conn.(*net.UnixConn)
	if !isUnix {
		return ctx
	}
	return context.WithValue(ctx, userKey{}, userOf(socket))
}

// callerOf returns who sends a request, as far as the connection tells.
func callerOf(r *http.Request) Caller {
	caller := Caller{Peer: r.RemoteAddr}
	if user, ok := r.Context().Value(userKey{}).(string); ok {
		caller = Caller{Peer: "unix socket", Name: user}
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		caller.Name = certificatePrefix + cmp.Or(subjectOf(r), "without a subject")
	}
	return caller
}

// subjectOf returns the subject of a request's certificate, as "CN=alice,O=Example",
// or "".
func subjectOf(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	return r.TLS.PeerCertificates[0].Subject.String()
}
