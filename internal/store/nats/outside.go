package nats

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/pause"
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
	if err := outside.Check(); err != nil {
		return err
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

// String returns the URLs without what is in them of users: without a password, that
// is a token.
func (o *Outside) String() string {
	shown := make([]string, len(o.URLs))
	for i, text := range o.URLs {
		if u, err := parseURL(text); err == nil {
			u.User = nil
			shown[i] = u.String()
		}
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
		case !unreachable(err):
			return nil, explain(err)
		case time.Since(said) > sayEvery:
			said = time.Now()
			e.config.Logger.Warn("no NATS server can be reached; it is tried again", "servers", o.String(), "error", err)
		}
		if left := pause.For(ctx, time.Second/2); left != nil {
			return nil, errors.Join(err, left)
		}
	}
}

// unreachable tells whether a server may be there later.
func unreachable(err error) bool {
	switch {
	case errors.Is(err, nats.ErrTLS): // it closes the connection once it has seen the certificate
		return false
	case errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrTimeout),
		errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op == "dial"
}

// explain says what to do about a server that refuses this node, or the other way round.
func explain(err error) error {
	_, unknown := errors.AsType[*tls.CertificateVerificationError](err)
	failed, ok := errors.AsType[*net.OpError](err)
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked),
		errors.Is(err, nats.ErrNkeysNotSupported):
		return fmt.Errorf("they refuse this node (%w): see that its credentials, NKey, or user and password are theirs", err)
	case unknown:
		return fmt.Errorf("their certificate is not of an authority that is known here (%w): name a file with theirs", err)
	case ok && failed.Op == "remote error", errors.Is(err, nats.ErrTLS):
		return fmt.Errorf("they refuse this node's certificate (%w): name files with one that they know, and its key", err)
	}
	return err
}

// connOptions are those of each connection.
func (e *Engine) connOptions() []nats.Option {
	return []nats.Option{
		nats.Name("task-scheduler " + e.config.Node),
		nats.Timeout(callTimeout), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second / 2), nats.ReconnectBufSize(-1),
		nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
		nats.IgnoreAuthErrorAbort(), // credentials may be replaced in their file
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				e.denied.CompareAndSwap(nil, &err)
			}
			e.config.Logger.Warn("store: " + err.Error())
		}),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				e.config.Logger.Warn("the connection to the NATS server is lost; it is made anew", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) {
			// Its URL may have a token.
			e.config.Logger.Info("the connection to a NATS server is there again", "server", c.ConnectedAddr())
		}),
	}
}
