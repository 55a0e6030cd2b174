package http2_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A graceful end: requests that are on their way when the client hears of it
// are still answered, later ones aren't, and nothing that was written is lost.
func TestShutdown(t *testing.T) {
	handler := &holding{release: make(chan struct{})}
	hs := &http.Server{Handler: handler}
	s := serveTest(t, hs, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, true, get...)
	r.ping()
	ended := make(chan error, 1)
	go func() {
		ended <- errors.Join(hs.Shutdown(context.Background()), s.Shutdown(context.Background()))
	}()
	var last []uint32
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if away, ok := frame.(*xhttp2.GoAwayFrame); ok {
			if last = append(last, away.LastStreamID); len(last) == 2 {
				break
			}
			r.request(3, true, quick...) // it could not know better
		}
		if ping, ok := frame.(*xhttp2.PingFrame); ok && !ping.IsAck() {
			_ = r.WritePing(true, ping.Data)
		}
	}
	if last[0] != 1<<31-1 || last[1] != 3 {
		t.Errorf("last streams %v", last)
	}
	r.request(5, true, quick...) // it could
	close(handler.release)
	if a := r.await(1); a.status() != "200" {
		t.Errorf("answer %+v", a)
	}
	if _, err := io.Copy(io.Discard, r.Conn); err != nil {
		t.Errorf("the connection ends with %v", err)
	}
	r.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if began := handler.began.Load(); began != 1 {
		t.Errorf("%d requests", began)
	}
}

// Streams that don't end by themselves are cut off when the time is over.
func TestShutdownThatTakesTooLong(t *testing.T) {
	handler := new(holding)
	s := serveTest(t, &http.Server{Handler: handler}, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, true, get...)
	r.ping()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, ok := r.awaitGoAway(); !ok {
		t.Log("cut off before it could be told") // either is right
	}
	if err := s.Shutdown(t.Context()); err != nil { // the handler has been told, too
		t.Error(err)
	}
	if ended := handler.ended.Load(); ended != 1 {
		t.Errorf("%d handlers ended", ended)
	}
}
