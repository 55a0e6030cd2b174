package client

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
)

// newTransport returns HTTP/2, and nothing else, as cfg wants it. Proxies are
// not used: those that environment variables name are rarely fit for gRPC.
func newTransport(cfg Config) *http.Transport {
	var protocols http.Protocols
	if cfg.TLS == nil {
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP2(true)
	}
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout}
	return &http.Transport{
		Protocols:           &protocols,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     cfg.TLS.Clone(),
		TLSHandshakeTimeout: cfg.ConnectTimeout,
		DisableCompression:  true,
		IdleConnTimeout:     idleConnTimeout,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: cfg.PingAfter,
			PingTimeout:     cfg.PingTimeout,
		},
	}
}

// doer makes HTTP requests and marks the errors of the connection, which
// connect would mix up with those of the protocol.
type doer struct{ transport http.RoundTripper }

func (d doer) Do(request *http.Request) (*http.Response, error) {
	response, err := d.transport.RoundTrip(request)
	if err != nil {
		return nil, &connectionError{err}
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

type connectionError struct{ cause error }

func (e *connectionError) Error() string { return e.cause.Error() }
func (e *connectionError) Unwrap() error { return e.cause }

// broken says whether err is that of a connection. A stream that the server
// reset is none: there is a server.
func broken(err error) bool {
	failure, ok := errors.AsType[*connectionError](err)
	return ok && !strings.HasPrefix(failure.Error(), "stream error: ")
}

func cause(err error) error {
	failure, _ := errors.AsType[*connectionError](err)
	return failure.cause
}
