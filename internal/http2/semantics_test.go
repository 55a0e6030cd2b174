package http2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A small body that came with its request is there as a whole.
func TestBytesOfABody(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		whole := bytes.Clone(r.Body.(interface{ Bytes() []byte }).Bytes())
		read, err := io.ReadAll(r.Body)
		if again := r.Body.(interface{ Bytes() []byte }).Bytes(); again != nil {
			t.Errorf("%d bytes of a body that was read", len(again))
		}
		fmt.Fprint(w, whole != nil, len(whole), bytes.Equal(whole, read), err)
	})}, http2.Options{})
	r := dialRaw(t, s.addr)
	id := uint32(1)
	try := func(frames []int) string {
		var all bytes.Buffer
		framer := xhttp2.NewFramer(&all, nil)
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: r.encode(post...), EndHeaders: true})
		for j, n := range frames {
			_ = framer.WriteData(id, j == len(frames)-1, make([]byte, n))
		}
		_, _ = r.Write(all.Bytes())
		a := r.await(id)
		id += 2
		return string(a.body)
	}
	const inParts = "false 0 false <nil>"
	for _, test := range []struct {
		frames []int
		want   string
	}{
		{[]int{100}, "true 100 true <nil>"},
		{[]int{1000, 3000, 9000}, "true 13000 true <nil>"},
		{[]int{16384}, "true 16384 true <nil>"},
		{[]int{16384, 1}, inParts},
	} {
		got := try(test.frames)
		for tries := 1; got == inParts && got != test.want && tries < 100; tries++ {
			got = try(test.frames) // what is written at once may be read in parts, now and then
		}
		if got != test.want {
			t.Errorf("%v: got %q, want %q", test.frames, got, test.want)
		}
	}
}

func TestContinue(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/refuse" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.Copy(w, r.Body)
	})}, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, false, append(post, "expect", "100-continue")...)
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := frame.(*xhttp2.HeadersFrame); ok {
			break
		}
	}
	if got := field(r.fields, ":status"); got != "100" {
		t.Fatalf("status %s, want 100", got)
	}
	_ = r.WriteData(1, true, []byte("body"))
	if a := r.await(1); a.status() != "200" || string(a.body) != "body" {
		t.Errorf("answer %+v", a)
	}
	r.request(3, false, ":method", "POST", ":scheme", "http", ":authority", "test", ":path", "/refuse", "expect", "100-continue")
	if a := r.await(3); a.status() != "403" {
		t.Errorf("answer %+v, want no 100 before it", a)
	}
}

func TestPanics(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun")
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		panic("at the handler's")
	})}, http2.Options{})
	client := plainClient(t)
	for _, path := range []string{"/abort", "/"} {
		response, err := client.Get("http://" + s.addr + path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(response.Body); err == nil {
			t.Errorf("%s: %q with no error", path, got)
		}
		response.Body.Close()
	}
	client.CloseIdleConnections()
	if err := s.Shutdown(t.Context()); err != nil { // waits for the handlers
		t.Error(err)
	}
	if got := s.log.String(); strings.Count(got, "panic serving") != 1 || !strings.Contains(got, "at the handler's") {
		t.Errorf("log: %q", got)
	}
}

// A context ends when the client takes its request back, leaves, or has its
// answer; contexts made of it end with it.
func TestContexts(t *testing.T) {
	began, contexts := make(chan struct{}, 1), make(chan context.Context, 1)
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		child, cancel := context.WithCancel(r.Context())
		defer cancel()
		if r.URL.Path == "/quick" {
			contexts <- r.Context()
			return
		}
		began <- struct{}{}
		<-child.Done()
		contexts <- r.Context()
	})}, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, true, get...)
	<-began
	_ = r.WriteRSTStream(1, xhttp2.ErrCodeCancel)
	if ctx := <-contexts; !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after a reset: %v", ctx.Err())
	}
	r.request(3, true, quick...)
	ctx := <-contexts
	<-ctx.Done()
	if stop := context.AfterFunc(ctx, func() {}); stop() {
		t.Error("a function that should have been called")
	}
	r.request(5, true, get...)
	<-began
	r.Close()
	if ctx := <-contexts; !errors.Is(ctx.Err(), context.Canceled) {
		t.Errorf("after the client left: %v", ctx.Err())
	}
}

// A body that isn't as long as it was said to be is not a request's.
func TestLengthsThatAreWrong(t *testing.T) {
	read := make(chan error, 1)
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})}, http2.Options{})
	r := dialRaw(t, s.addr)
	for i, frames := range [][]int{{3}, {5}, {4, 1}, {2, 1}} {
		id := uint32(2*i + 1)
		r.request(id, false, append(post, "content-length", "4")...)
		r.ping() // so that the handler has begun
		for j, n := range frames {
			_ = r.WriteData(id, j == len(frames)-1, make([]byte, n))
		}
		if a := r.await(id); !a.reset || a.code != xhttp2.ErrCodeProtocol {
			t.Errorf("%v: %+v", frames, a)
		}
		if err := <-read; err == nil {
			t.Errorf("%v: the handler saw no error", frames)
		}
	}
}
