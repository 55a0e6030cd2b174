package client

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// Config says how to reach a server. Zero fields other than Addr mean the
// defaults in parentheses.
type Config struct {
	// Addr is the server's "host:port".
	Addr string
	// TLS is used as a copy; nil means a connection in the clear.
	TLS *tls.Config

	// Attempts is how often a call is made in all while the server answers
	// UNAVAILABLE or RESOURCE_EXHAUSTED or can't be reached (5); 1 never
	// repeats a call.
	Attempts int
	// BackoffBase is the longest pause before the second attempt (50 ms). It
	// doubles with each further one, up to BackoffMax (2 s); the pause is a
	// random part of it, so that many clients don't come back all at once.
	BackoffBase, BackoffMax time.Duration

	// ConnectTimeout bounds the making of a connection (5 s), and of TLS on
	// top of it once more.
	ConnectTimeout time.Duration
	// PingAfter is how long a connection may be silent before it is checked
	// (15 s). One that doesn't answer the check within PingTimeout (5 s) is
	// given up, with the calls on it.
	PingAfter, PingTimeout time.Duration

	// MaxMessageBytes is the largest answer that is accepted (4 MiB).
	MaxMessageBytes int
}

const (
	defaultAttempts        = 5
	defaultBackoffBase     = 50 * time.Millisecond
	defaultBackoffMax      = 2 * time.Second
	defaultConnectTimeout  = 5 * time.Second
	defaultPingAfter       = 15 * time.Second
	defaultPingTimeout     = 5 * time.Second
	defaultMaxMessageBytes = 4 << 20
)

// withDefaults returns cfg with its zero fields filled in.
func (cfg Config) withDefaults() (Config, error) {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil || port == "" {
		return Config{}, fmt.Errorf("client: address %q: want host:port", cfg.Addr)
	}
	if host == "" { // ":50051", as a server is told to listen
		cfg.Addr = net.JoinHostPort("localhost", port)
	}
	cfg.Attempts = orDefault(cfg.Attempts, defaultAttempts)
	cfg.BackoffBase = orDefault(cfg.BackoffBase, defaultBackoffBase)
	cfg.BackoffMax = orDefault(cfg.BackoffMax, max(defaultBackoffMax, cfg.BackoffBase))
	cfg.ConnectTimeout = orDefault(cfg.ConnectTimeout, defaultConnectTimeout)
	cfg.PingAfter = orDefault(cfg.PingAfter, defaultPingAfter)
	cfg.PingTimeout = orDefault(cfg.PingTimeout, defaultPingTimeout)
	cfg.MaxMessageBytes = orDefault(cfg.MaxMessageBytes, defaultMaxMessageBytes)
	if cfg.Attempts < 0 || cfg.BackoffBase < 0 || cfg.BackoffMax < 0 || cfg.ConnectTimeout < 0 ||
		cfg.PingAfter < 0 || cfg.PingTimeout < 0 || cfg.MaxMessageBytes < 0 {
		return Config{}, errors.New("client: a limit or a time in Config is negative")
	}
	return cfg, nil
}

func orDefault[T comparable](value, standard T) T {
	var zero T
	if value == zero {
		return standard
	}
	return value
}

// A Client calls one server. Its methods may be called by many goroutines at
// once; they share connections.
type Client struct {
	rpc     taskschedulerpbconnect.TaskSchedulerClient
	link    *link.Link
	backoff backoff
}

// New returns a client for the server at cfg.Addr. It makes no connection yet:
// what is wrong with cfg is an error here, what is wrong with the server shows
// in the first call.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	connections := link.New(link.Config{
		Addr:           cfg.Addr,
		TLS:            cfg.TLS,
		ConnectTimeout: cfg.ConnectTimeout,
		PingAfter:      cfg.PingAfter,
		PingTimeout:    cfg.PingTimeout,
	})
	return &Client{
		rpc: taskschedulerpbconnect.NewTaskSchedulerClient(
			connections, connections.URL(),
			connect.WithGRPC(),
			connect.WithReadMaxBytes(cfg.MaxMessageBytes),
			connect.WithAcceptCompression("gzip", nil, nil), // costs more than it saves on small answers
		),
		link:    connections,
		backoff: newBackoff(cfg.Attempts, cfg.BackoffBase, cfg.BackoffMax),
	}, nil
}

// Close closes the connections that no call uses. A call under way ends as it
// would have; a later one makes a new connection.
func (c *Client) Close() { c.link.Close() }
