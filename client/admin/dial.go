package admin

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
)

// Config says how to reach a server's admin listener. Zero fields other than
// Addr mean the defaults in parentheses.
type Config struct {
	// Addr is "host:port", or "unix:" and the path of a socket.
	Addr string
	// TLS is used as a copy; nil means a connection in the clear.
	TLS *tls.Config
	// Token is sent with each call, where the server asks for one. Over a
	// connection in the clear others may read it on its way.
	Token string
	// ConnectTimeout bounds the making of a connection (5 s), and of TLS on
	// top of it once more.
	ConnectTimeout time.Duration
	// MaxMessageBytes is the largest answer that is accepted (64 MiB).
	MaxMessageBytes int
}

const (
	defaultConnectTimeout  = 5 * time.Second
	defaultMaxMessageBytes = 64 << 20
	pingAfter              = 15 * time.Second
	pingTimeout            = 5 * time.Second
)

// A Client calls one server. Its methods may be called by many goroutines at
// once; they share connections.
type Client struct {
	rpc  adminpbconnect.AdminServiceClient
	link *link.Link
}

// New returns a client for the server at cfg.Addr. It makes no connection yet:
// what is wrong with cfg is an error here, what is wrong with the server shows
// in the first call.
func New(cfg Config) (*Client, error) {
	if path, isUnix := strings.CutPrefix(cfg.Addr, link.UnixPrefix); isUnix {
		if path == "" {
			return nil, fmt.Errorf("admin: address %q: want the path of a socket after %s", cfg.Addr, link.UnixPrefix)
		}
	} else if host, port, err := net.SplitHostPort(cfg.Addr); err != nil || port == "" {
		return nil, fmt.Errorf("admin: address %q: want host:port or unix:PATH", cfg.Addr)
	} else if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() { // as a server is told to listen
		cfg.Addr = net.JoinHostPort("localhost", port)
	}
	connections := link.New(link.Config{
		Addr:           cfg.Addr,
		TLS:            cfg.TLS,
		ConnectTimeout: cmp.Or(cfg.ConnectTimeout, defaultConnectTimeout),
		PingAfter:      pingAfter,
		PingTimeout:    pingTimeout,
	})
	return &Client{
		rpc: adminpbconnect.NewAdminServiceClient(
			connections, connections.URL(),
			connect.WithGRPC(),
			connect.WithReadMaxBytes(cmp.Or(cfg.MaxMessageBytes, defaultMaxMessageBytes)),
			connect.WithInterceptors(bearer(cfg.Token)),
		),
		link: connections,
	}, nil
}

// Close closes the connections that no call uses. A call under way ends as it
// would have; a later one makes a new connection.
func (c *Client) Close() { c.link.Close() }

// bearer is a token that goes with each call, unless it is empty.
type bearer string

// WrapUnary implements [connect.Interceptor].
func (b bearer) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	if b == "" {
		return next
	}
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		request.Header().Set("Authorization", "Bearer "+string(b))
		return next(ctx, request)
	}
}

// WrapStreamingClient implements [connect.Interceptor].
func (b bearer) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	if b == "" {
		return next
	}
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, spec)
		conn.RequestHeader().Set("Authorization", "Bearer "+string(b))
		return conn
	}
}

// WrapStreamingHandler implements [connect.Interceptor].
func (bearer) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}

// call makes a call, and gives its error the form that callers know.
func call[Request, Response any](
	ctx context.Context, c *Client, rpc func(context.Context, *Request) (*Response, error), request *Request,
) (*Response, error) {
	response, err := rpc(ctx, request)
	return response, c.link.ErrorOf(ctx, err)
}
