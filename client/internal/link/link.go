// Package link is what the clients of this module have in common: connections
// to one server, and what to make of their errors.
package link

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// UnixPrefix makes the rest of an address the path of a Unix socket.
const UnixPrefix = "unix:"

// Config says how to reach a server. All fields but TLS must be set.
type Config struct {
	// Addr is "host:port", or a Unix socket's path after [UnixPrefix].
	Addr string
	// TLS is used as a copy; nil means a connection in the clear.
	TLS *tls.Config
	// Dial, if not nil, makes the connections.
	Dial func(ctx context.Context) (net.Conn, error)
	// ConnectTimeout bounds the making of a connection, and of TLS on top of it
	// once more.
	ConnectTimeout time.Duration
	// PingAfter is how long a connection may be silent before it is checked, and
	// PingTimeout how long the answer to that may take.
	PingAfter, PingTimeout time.Duration
}

const idleConnTimeout = 4 * time.Minute // less than a server's usual 5

// A Link makes HTTP requests to one server, as connect wants it of an HTTP
// client. It may be used by many goroutines at once; they share connections.
type Link struct {
	addr, host, base string
	transport        *http.Transport
}

// New returns a link of HTTP/2, and nothing else. It makes no connection yet.
// Proxies are not used: those that environment variables name are rarely fit
// for gRPC.
func New(cfg Config) *Link {
	var protocols http.Protocols
	scheme := "http://"
	if cfg.TLS == nil {
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP2(true)
		scheme = "https://"
	}
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout}
	dial, host := dialFunc(dialer.DialContext), cfg.Addr
	if path, isUnix := strings.CutPrefix(cfg.Addr, UnixPrefix); isUnix {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return dialer.DialContext(ctx, "unix", path) }
		host = "localhost" // a socket has no name that a request or a certificate could have
	}
	if cfg.TLS == nil {
		dial = inClear(dial)
	}
	if cfg.Dial != nil {
		dial = func(ctx context.Context, _, _ string) (net.Conn, error) { return cfg.Dial(ctx) }
	}
	return &Link{addr: cfg.Addr, host: host, base: scheme + host, transport: &http.Transport{
		Protocols:           &protocols,
		DialContext:         dial,
		TLSClientConfig:     cfg.TLS.Clone(),
		TLSHandshakeTimeout: cfg.ConnectTimeout,
		DisableCompression:  true,
		IdleConnTimeout:     idleConnTimeout,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: cfg.PingAfter,
			PingTimeout:     cfg.PingTimeout,
		},
	}}
}

// URL is what the paths of requests follow.
func (l *Link) URL() string { return l.base }

// Close closes the connections that no request uses.
func (l *Link) Close() { l.transport.CloseIdleConnections() }

// Do makes a request. It marks the errors of the connection, which connect
// would mix up with those of the protocol.
func (l *Link) Do(request *http.Request) (*http.Response, error) {
	response, err := l.transport.RoundTrip(request)
	if err != nil {
		return nil, &connectionError{l.refusal(request.Context(), err)}
	}
	response.Body = body{response.Body}
	return response, nil
}

type body struct{ io.ReadCloser }

func (b body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = &connectionError{err}
	}
	return n, err
}
