package server

import (
	"io"
	"net/http"
	"time"
)

// likeHTTP2 gives HTTP/1 two things that HTTP/2 has of its own.
//
// The server's ReadTimeout bounds the body alone: for HTTP/1, net/http goes by
// it for as long as the handler runs, and would take a long poll's caller for
// gone. And a draining server asks clients to leave, so that few are about to
// send a request when it closes idle connections.
func likeHTTP2(health *health, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 1 {
			if health.draining.Load() {
				w.Header().Set("Connection", "close")
			}
			body := &deadlinedBody{ReadCloser: r.Body, response: w}
			if r.Body == http.NoBody {
				body.lift()
			} else {
				r.Body = body
			}
		}
		next.ServeHTTP(w, r)
	})
}

// deadlinedBody lifts the connection's read deadline once it has been read.
type deadlinedBody struct {
	io.ReadCloser
	response http.ResponseWriter
}

func (b *deadlinedBody) lift() {
	// An error means that the connection is gone, which the handler will see.
	_ = http.NewResponseController(b.response).SetReadDeadline(time.Time{})
}

// Read reads the body.
func (b *deadlinedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		b.lift()
	}
	return n, err
}
