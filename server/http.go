package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"log"
	"log/slog"
	"net/http"
	"time"
)

const (
	// readHeaderTimeout bounds a TLS handshake, and an HTTP/1 request's header.
	readHeaderTimeout = 10 * time.Second
	// A request's body must come in within bodyTimeout and what its largest
	// size takes at slowestBody bytes a second.
	bodyTimeout = time.Minute
	slowestBody = 64 << 10

	// A connection that is silent for pingAfter is asked for a sign of life,
	// and closed when there is none within pingTimeout.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second

	// How much of its requests' bodies a client may send before the server has
	// read it: enough for a large message at full speed on a long line, and
	// what one connection can hold of our memory.
	streamWindow     = 1 << 20
	connectionWindow = 4<<20 - 1 // the largest that net/http allows
)

// newHTTPServer returns what serves handler in every protocol on one port,
// over TLS if tlsConfig isn't nil.
func newHTTPServer(cfg *Config, handler http.Handler, health *health, tlsConfig *tls.Config) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(tlsConfig == nil && cfg.HTTP2 == http2Standard)
	return &http.Server{
		Handler:           likeHTTP2(health, handler),
		TLSConfig:         tlsConfig,
		Protocols:         protocols,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       bodyTimeout + time.Duration(cfg.MaxMessageBytes)*time.Second/slowestBody,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    cfg.MaxHeaderBytes,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          cfg.MaxConcurrentStreams,
			MaxReceiveBufferPerStream:     streamWindow,
			MaxReceiveBufferPerConnection: connectionWindow,
			SendPingTimeout:               pingAfter,
			PingTimeout:                   pingTimeout,
		},
		ErrorLog: log.New(errorLog{cfg.Logger}, "", 0),
	}
}

// untilShutdown ends what next is doing when closing ends: streams that
// have no end of their own would hold up a graceful shutdown.
func untilShutdown(closing context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		ended := make(chan struct{})
		stop := context.AfterFunc(closing, func() {
			defer close(ended)
			cancel()
			_ = http.NewResponseController(w).SetReadDeadline(time.Now()) // for handlers that read
		})
		defer func() {
			if !stop() {
				<-ended // w must not be touched once we return
			}
		}()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// errorLog passes on net/http's messages. Most are about clients that
// misbehave or only probe the port, so they are for debugging.
type errorLog struct{ logger *slog.Logger }

// Write logs one message.
func (l errorLog) Write(message []byte) (int, error) {
	level := slog.LevelDebug
	switch {
	case bytes.HasPrefix(message, []byte("http: panic")), bytes.HasPrefix(message, []byte("http2: panic")):
		level = slog.LevelError
	case bytes.HasPrefix(message, []byte("http: Accept")):
		level = slog.LevelWarn
	}
	l.logger.Log(context.Background(), level, string(bytes.TrimSpace(message)))
	return len(message), nil
}
