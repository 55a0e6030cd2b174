package link

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"strings"
	"time"
)

// A protocolError says that a server speaks another protocol than it is called
// by, which only people can put right.
type protocolError string

func (e protocolError) Error() string { return string(e) }

const (
	errSpeaksTLS   = protocolError("it speaks TLS, and is called in the clear: set Config.TLS")
	errSpeaksClear = protocolError("it speaks no TLS: call it without Config.TLS")
	errSpeaksHTTP1 = protocolError("it answers in HTTP/1: it is no server of tasks, or something between speaks no HTTP/2")
)

type dialFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// inClear returns a dial function whose connections, which are to speak HTTP/2 in
// the clear, end with a protocolError where the server speaks something else.
func inClear(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &clearConn{Conn: conn, again: func() (net.Conn, error) {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTimeout)
			defer cancel()
			return dial(ctx, network, addr)
		}}, nil
	}
}

// probeTimeout is how long it may take to find out why a server hangs up.
const probeTimeout = 2 * time.Second

// A clearConn looks at the first bytes that it reads. One goroutine reads.
type clearConn struct {
	net.Conn
	again  func() (net.Conn, error) // dials the server once more
	looked bool
}

// Read reads, unless the server speaks another protocol.
func (c *clearConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.looked {
		return n, err
	}
	c.looked = true
	if n == 0 && !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrDeadlineExceeded) && c.speaksTLS() {
		return 0, errSpeaksTLS
	}
	switch first := p[:n]; {
	case bytes.HasPrefix(first, []byte("\x15\x03")): // an alert
		return 0, errSpeaksTLS
	case !bytes.HasPrefix(first, []byte("HTTP/1.")):
		return n, err
	case bytes.Contains(first, []byte("HTTPS")): // "Client sent an HTTP request to an HTTPS server", and the like
		return 0, errSpeaksTLS
	default:
		return 0, errSpeaksHTTP1
	}
}

// speaksTLS asks a server that has hung up without a word whether TLS is what it
// waits for.
func (c *clearConn) speaksTLS() bool {
	conn, err := c.again()
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(probeTimeout))                        // an error means that it is gone
	err = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).Handshake() //nolint:gosec,noctx // nothing is sent over it
	return err == nil || isAlert(err)
}

// wrongProtocol recognises certificates that one side does not accept, and a
// server that speaks another protocol: what trying again doesn't help against.
func wrongProtocol(err error) bool {
	if _, ok := errors.AsType[protocolError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	return isAlert(err)
}

// advice says what helps against a certificate that one side does not accept; empty
// when nobody knows.
func advice(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return ": if you trust it, name its authority in Config.TLS.RootCAs"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return ": call it by such a name, or set Config.TLS.ServerName to one"
	}
	if isAlert(err) && strings.HasSuffix(err.Error(), "certificate required") { // the alert's type is not exported
		return ": it lets in those alone who show a certificate of its authorities: set Config.TLS.Certificates"
	}
	return ""
}

// isAlert recognises that the other side has said in TLS what is wrong.
func isAlert(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && operation.Op == "remote error"
}
