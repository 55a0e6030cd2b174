package nats

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Outside are servers that run by themselves, and how this node may use them.
type Outside struct {
	// URLs are where they are, such as nats://host:4222. They may have a user and a
	// password, which no error shows.
	URLs []string
	// Prefix is what names of streams and subjects begin with: nodes with the same one
	// are one cluster. Empty: task_scheduler.
	Prefix string
	// Credentials names a file with a JWT and its key, and NKey one with an NKey's
	// seed. Empty: none.
	Credentials, NKey string
	// CA, Cert and Key name PEM files: the authorities that the servers' certificates
	// come from, and this node's own certificate and key. Empty: the system's, none.
	CA, Cert, Key string
}

const defaultPrefix = "task_scheduler"

// openOutside connects to servers outside.
func (e *Engine) openOutside(ctx context.Context) (err error) {
	outside := e.config.Outside
	prefix := outside.Prefix
	if prefix == "" {
		prefix = defaultPrefix
	}
	e.names = shared(prefix)
	where := outside.String()
	if e.conn, err = outside.connect(ctx, e); err != nil {
		return fmt.Errorf("the NATS servers at %s: %w", where, err)
	}
	if err := e.share(ctx); err != nil {
		return fmt.Errorf("the NATS servers at %s: %w", where, err)
	}
	return nil
}

// String returns the URLs without passwords.
func (o *Outside) String() string {
	shown := make([]string, len(o.URLs))
	for i, text := range o.URLs {
		u, err := url.Parse(text)
		if err != nil {
			shown[i] = "a URL that can't be read"
			continue
		}
		shown[i] = u.Redacted()
	}
	return strings.Join(shown, ", ")
}

func (o *Outside) options() (options []nats.Option, err error) {
	if o.Credentials != "" {
		options = append(options, nats.UserCredentials(o.Credentials))
	}
	if o.NKey != "" {
		option, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, fmt.Errorf("the NKey's seed in %s: %w", o.NKey, err)
		}
		options = append(options, option)
	}
	if o.CA != "" {
		options = append(options, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		options = append(options, nats.ClientCert(o.Cert, o.Key))
	}
	return options, nil
}

// sayEvery is how often it is said that one waits for servers.
const sayEvery = 5 * time.Second

// connect connects once one of the servers can be reached. What it will never
// succeed with is an error.
func (o *Outside) connect(ctx context.Context, e *Engine) (*nats.Conn, error) {
	options, err := o.options()
	if err != nil {
		return nil, err
	}
	options = append(options, e.connOptions()...)
	var said time.Time
	for {
		conn, err := nats.Connect(strings.Join(o.URLs, ","), options...)
		switch {
		case err == nil:
			return conn, nil
		case !errors.Is(err, nats.ErrNoServers) && !errors.Is(err, nats.ErrTimeout):
			return nil, err
		case time.Since(said) > sayEvery:
			said = time.Now()
			e.config.Logger.Warn("no NATS server can be reached; it is tried again", "servers", o.String(), "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-time.After(time.Second / 2):
		}
	}
}

// connOptions are those of each connection.
func (e *Engine) connOptions() []nats.Option {
	return []nats.Option{
		nats.Name("task-scheduler " + e.config.Node),
		nats.Timeout(callTimeout), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second / 2), nats.ReconnectBufSize(-1),
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			e.config.Logger.Warn("store: " + err.Error())
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				e.config.Logger.Warn("the connection to the NATS server is lost; it is made anew", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			e.config.Logger.Info("the connection to a NATS server is there again", "server", c.ConnectedUrlRedacted())
		}),
	}
}
