package http2_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// holding is a handler whose calls last until their contexts end.
type holding struct {
	began, ended atomic.Int64
	most         atomic.Int64 // that ran at once
	release      chan struct{}
}

func (h *holding) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/quick" {
		_, _ = io.WriteString(w, "quick")
		return
	}
	now := h.began.Add(1) - h.ended.Load()
	for {
		if most := h.most.Load(); now <= most || h.most.CompareAndSwap(most, now) {
			break
		}
	}
	defer h.ended.Add(1)
	if h.release != nil {
		<-h.release
		return
	}
	<-r.Context().Done()
}

var quick = []string{":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/quick"}

// flood writes with write until the server has had enough, and returns the code
// it gave. A server that lets itself be flooded fails the test.
func flood(t *testing.T, r *rawConn, most int, write func(i int) error) xhttp2.ErrCode {
	t.Helper()
	var writing sync.WaitGroup
	defer func() {
		r.Close()
		writing.Wait()
	}()
	writing.Go(func() {
		for i := range most {
			if write(i) != nil {
				return
			}
		}
		_ = r.WritePing(false, [8]byte{'o', 'v', 'e', 'r'})
	})
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			t.Fatalf("ended without a word: %v", err)
		}
		switch frame := frame.(type) {
		case *xhttp2.GoAwayFrame:
			return frame.ErrCode
		case *xhttp2.PingFrame:
			if frame.IsAck() && frame.Data == [8]byte{'o', 'v', 'e', 'r'} {
				t.Fatalf("the server took %d", most)
			}
		}
	}
}

// Rapid reset, CVE-2023-44487: requests that are taken back at once.
func TestRapidReset(t *testing.T) {
	handler := &holding{release: make(chan struct{})}
	defer close(handler.release)
	s := serveTest(t, &http.Server{Handler: handler, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 10}}, http2.Options{})
	r := dialRaw(t, s.addr)
	code := flood(t, r, 1_000_000, func(i int) error {
		id := uint32(2*i + 1)
		if err := r.begin(id, true, get...); err != nil {
			return err
		}
		return r.WriteRSTStream(id, xhttp2.ErrCodeCancel)
	})
	if code != xhttp2.ErrCodeEnhanceYourCalm {
		t.Errorf("GOAWAY %v", code)
	}
	if most := handler.most.Load(); most > 10 {
		t.Errorf("%d handlers ran at once", most)
	}
}

// Cancels that come too late for the request to be spared: handlers of streams
// that are gone count, and later ones wait for them.
func TestHandlersOfStreamsThatWereResetCount(t *testing.T) {
	handler := &holding{release: make(chan struct{})}
	s := serveTest(t, &http.Server{Handler: handler, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 10}}, http2.Options{})
	r := dialRaw(t, s.addr)
	id := uint32(1)
	for range 50 {
		r.request(id, true, get...)
		r.ping()
		_ = r.WriteRSTStream(id, xhttp2.ErrCodeCancel)
		id += 2
	}
	r.request(id, true, quick...)
	r.ping()
	if began := handler.began.Load(); began != 10 {
		t.Errorf("%d handlers began, 10 may run", began)
	}
	close(handler.release)
	if a := r.await(id); string(a.body) != "quick" {
		t.Errorf("answer: %+v", a)
	}
	if began := handler.began.Load(); began != 10 {
		t.Errorf("handlers of streams that were reset while they waited began: %d", began)
	}
}

// MadeYouReset, CVE-2025-8671: the server is made to reset the streams.
func TestMadeYouReset(t *testing.T) {
	wrongs := map[string]func(r *rawConn, id uint32) error{
		"window update of zero": func(r *rawConn, id uint32) error { return r.WriteWindowUpdate(id, 0) },
		"window overflow":       func(r *rawConn, id uint32) error { return r.WriteWindowUpdate(id, 1<<31-1) },
		"data after the end":    func(r *rawConn, id uint32) error { return r.WriteData(id, true, []byte("more")) },
		"depends on itself": func(r *rawConn, id uint32) error {
			return r.WritePriority(id, xhttp2.PriorityParam{StreamDep: id})
		},
		"headers after the end": func(r *rawConn, id uint32) error {
			return r.begin(id, true, "x", "y")
		},
	}
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			handler := &holding{release: make(chan struct{})}
			defer close(handler.release)
			s := serveTest(t, &http.Server{Handler: handler, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 10}}, http2.Options{})
			r := dialRaw(t, s.addr)
			code := flood(t, r, 1_000_000, func(i int) error {
				id := uint32(2*i + 1)
				if err := r.begin(id, true, get...); err != nil {
					return err
				}
				return wrong(r, id)
			})
			if code != xhttp2.ErrCodeEnhanceYourCalm {
				t.Errorf("GOAWAY %v", code)
			}
			if most := handler.most.Load(); most > 10 {
				t.Errorf("%d handlers ran at once", most)
			}
		})
	}
}

// Frames that cost the sender next to nothing and bring nothing.
func TestFloods(t *testing.T) {
	floods := map[string]func(r *rawConn, i int) error{
		"ping":          func(r *rawConn, _ int) error { return r.WritePing(false, [8]byte{1}) },
		"pong":          func(r *rawConn, _ int) error { return r.WritePing(true, [8]byte{1}) },
		"settings":      func(r *rawConn, _ int) error { return r.WriteSettings() },
		"settings acks": func(r *rawConn, _ int) error { return r.WriteSettingsAck() },
		"windows": func(r *rawConn, i int) error {
			return r.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: uint32(i % 2)})
		},
		"priority": func(r *rawConn, i int) error {
			return r.WritePriority(uint32(2*i+3), xhttp2.PriorityParam{StreamDep: 1, Weight: 1})
		},
		"window updates":       func(r *rawConn, _ int) error { return r.WriteWindowUpdate(0, 1) },
		"stream updates":       func(r *rawConn, _ int) error { return r.WriteWindowUpdate(1, 1) },
		"empty data":           func(r *rawConn, _ int) error { return r.WriteData(1, false, nil) },
		"padded data":          func(r *rawConn, _ int) error { return r.WriteDataPadded(1, false, nil, make([]byte, 10)) },
		"unknown frames":       func(r *rawConn, _ int) error { return r.WriteRawFrame(0x77, 0, 1, nil) },
		"goaway":               func(r *rawConn, _ int) error { return r.WriteGoAway(0, xhttp2.ErrCodeNo, nil) },
		"resets of nothing":    func(r *rawConn, _ int) error { return r.WriteRSTStream(3, xhttp2.ErrCodeCancel) },
		"data on what is over": func(r *rawConn, _ int) error { return r.WriteData(3, false, []byte("x")) },
	}
	s := serveTest(t, &http.Server{Handler: new(holding)}, http2.Options{})
	for name, write := range floods {
		t.Run(name, func(t *testing.T) {
			r := dialRaw(t, s.addr)
			r.request(1, false, post...)
			r.request(3, true, quick...)
			r.await(3)
			if code := flood(t, r, 5_000_000, func(i int) error { return write(r, i) }); code != xhttp2.ErrCodeEnhanceYourCalm {
				t.Errorf("GOAWAY %v", code)
			}
		})
	}
}

// CONTINUATION flood, CVE-2023-45288 and its kin: a header block without end.
func TestContinuationFlood(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: new(holding)}, http2.Options{})
	for name, fragment := range map[string]string{"empty": "", "small": "x", "large": strings.Repeat("x", 16<<10)} {
		t.Run(name, func(t *testing.T) {
			r := dialRaw(t, s.addr)
			code := flood(t, r, 1_000_000, func(i int) error {
				if i == 0 {
					// A literal whose value is said to be long, so that nothing is wrong yet.
					begin := append(r.encode(get...), 0x00, 1, 'x', 0x7f, 0x80, 0x80, 0x80, 0x04)
					return r.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: begin, EndStream: true})
				}
				return r.WriteContinuation(1, false, []byte(fragment))
			})
			if code != xhttp2.ErrCodeEnhanceYourCalm {
				t.Errorf("GOAWAY %v", code)
			}
		})
	}
}
