package link

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"
)

// notEstablished is the end of net/http's error (it is not exported) for a connection
// that was over before the first request was on it.
const notEstablished = "client conn could not be established"

// refusal returns what the server has against this side's certificate, where err hides
// that. In TLS 1.3 a server says it only when the handshake is over on this side, and
// net/http passes on what it reads then, unless that comes before the first request.
// So it is asked once more, without one.
func (l *Link) refusal(ctx context.Context, err error) error {
	if l.transport.TLSClientConfig == nil || !strings.HasSuffix(err.Error(), notEstablished) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	conn, failed := l.transport.DialContext(ctx, "tcp", l.addr)
	if failed != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(probeTimeout)) // an error means that it is gone
	config := l.transport.TLSClientConfig.Clone()
	config.NextProtos = []string{"h2"}
	if config.ServerName == "" {
		config.ServerName = l.host
		if host, _, failed := net.SplitHostPort(l.host); failed == nil {
			config.ServerName = host
		}
	}
	// A server that has nothing against this side speaks first: its settings.
	if _, said := tls.Client(conn, config).Read(make([]byte, 1)); isAlert(said) {
		return said
	}
	return err
}
