package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// Config says how to reach a server. Zero fields other than Addr mean the
// defaults in their tags, which also make flags of some for the command line.
type Config struct {
	// Addr is the server's "host:port".
	Addr string `kong:"-"`
	// TLS is used as a copy; nil means a connection in the clear.
	TLS *tls.Config `kong:"-"`
	// Dial, if not nil, makes the connections, instead of one by TCP to Addr, which
	// stays the server's name. ConnectTimeout is then Dial's to heed.
	Dial func(ctx context.Context) (net.Conn, error) `kong:"-"`

	// Attempts is how often a call is made in all while the server answers
	// UNAVAILABLE or RESOURCE_EXHAUSTED or can't be reached; 1 never repeats a
	// call.
	Attempts int `name:"attempts" default:"5" type:"count" group:"Connection:" help:"How often to try in all while the server is unavailable or overloaded. A task still runs only once."`
	// BackoffBase is the longest pause before the second attempt. It doubles
	// with each further one, up to BackoffMax; the pause is a random part of it,
	// so that many clients don't come back all at once.
	BackoffBase time.Duration `kong:"-" default:"50ms" type:"period"`
	BackoffMax  time.Duration `kong:"-" default:"2s" type:"period"` // or BackoffBase, if that is more

	// ConnectTimeout bounds the making of a connection, and of TLS on top of it
	// once more.
	ConnectTimeout time.Duration `name:"connect-timeout" default:"5s" type:"period" group:"Connection:" help:"How long making a connection may take."`
	// PingAfter is how long a connection may be silent before it is checked. One
	// that doesn't answer the check within PingTimeout is given up, with the
	// calls on it.
	PingAfter   time.Duration `kong:"-" default:"15s" type:"period"`
	PingTimeout time.Duration `kong:"-" default:"5s" type:"period"`

	// MaxMessageBytes is the largest answer that is accepted.
	MaxMessageBytes int `name:"max-message-bytes" default:"4MiB" type:"size" group:"Connection:" help:"Largest answer that is accepted."`
}

// withDefaults returns cfg with its zero fields filled in.
func (cfg Config) withDefaults() (Config, error) {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil || port == "" {
		return Config{}, fmt.Errorf("client: Config.Addr %q: want host:port", cfg.Addr)
	}
	if host == "" { // ":50051", as a server is told to listen
		cfg.Addr = net.JoinHostPort("localhost", port)
	}
	ownMax := cfg.BackoffMax != 0
	setting.Fill(&cfg)
	if !ownMax {
		cfg.BackoffMax = max(cfg.BackoffMax, cfg.BackoffBase)
	}
	if err := setting.Check(&cfg); err != nil {
		return Config{}, fmt.Errorf("client: %w", err)
	}
	return cfg, nil
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
		Dial:           cfg.Dial,
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
