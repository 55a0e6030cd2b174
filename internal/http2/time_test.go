package http2_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// inBubble serves one connection in a bubble with a clock of its own. It may
// not be used to wait for what never happens: the clock would run on.
func inBubble(t *testing.T, hs *http.Server, options http2.Options, test func(s *http2.Server, r *rawConn, closed <-chan time.Time)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := http2.New(hs, options)
		ours, theirs := net.Pipe()
		closed := make(chan time.Time, 1)
		go func() {
			s.ServeConn(ours)
			closed <- time.Now()
		}()
		r := newRaw(t, theirs)
		_ = r.SetDeadline(time.Time{})
		test(s, r, closed)
		r.Close()
		_ = s.Close()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// within fails the test if got isn't want, give or take a second.
func within(t *testing.T, got, want time.Duration) {
	t.Helper()
	if got < want-time.Second || got > want+2*time.Second {
		t.Errorf("after %v, want %v", got, want)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	hs := &http.Server{Handler: new(holding), IdleTimeout: 5 * time.Minute}
	inBubble(t, hs, http2.Options{}, func(_ *http2.Server, r *rawConn, closed <-chan time.Time) {
		r.request(1, true, get...)
		began := time.Now()
		<-time.After(time.Hour) // a request that takes long is not idleness
		_ = r.WriteRSTStream(1, xhttp2.ErrCodeCancel)
		began = began.Add(time.Hour)
		if code, ok := r.awaitGoAway(); !ok || code != xhttp2.ErrCodeNo {
			t.Errorf("GOAWAY %v %v", code, ok)
		}
		within(t, (<-closed).Sub(began), 5*time.Minute)
	})
}

func TestSilentPeerIsPinged(t *testing.T) {
	hs := &http.Server{Handler: new(holding), HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second}}
	inBubble(t, hs, http2.Options{}, func(_ *http2.Server, r *rawConn, closed <-chan time.Time) {
		r.request(1, true, get...)
		began := time.Now()
		for range 3 {
			frame, err := r.ReadFrame()
			ping, ok := frame.(*xhttp2.PingFrame)
			if !ok || ping.IsAck() {
				t.Fatalf("%v %v", frame, err)
			}
			_ = r.WritePing(true, ping.Data)
		}
		within(t, time.Since(began), 90*time.Second)
		began = time.Now()
		if _, ok := r.awaitGoAway(); ok {
			t.Error("a peer that is gone was sent a GOAWAY")
		}
		within(t, (<-closed).Sub(began), 45*time.Second)
	})
}

func TestHeadersMustArrive(t *testing.T) {
	hs := &http.Server{Handler: new(holding), ReadHeaderTimeout: 10 * time.Second}
	inBubble(t, hs, http2.Options{}, func(_ *http2.Server, r *rawConn, closed <-chan time.Time) {
		began := time.Now()
		_ = r.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: r.encode(get...)})
		for range 3 { // a byte now and then is not progress
			<-time.After(3 * time.Second)
			if err := r.WriteContinuation(1, false, nil); err != nil {
				t.Fatal(err)
			}
		}
		r.awaitGoAway()
		within(t, (<-closed).Sub(began), 10*time.Second)
	})
}

func TestPrefaceMustArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := http2.New(&http.Server{ReadHeaderTimeout: 10 * time.Second}, http2.Options{})
		ours, theirs := net.Pipe()
		began := time.Now()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go func() { _, _ = io.WriteString(theirs, xhttp2.ClientPreface[:3]) }()
		s.ServeConn(ours)
		within(t, time.Since(began), 10*time.Second)
		theirs.Close()
	})
}

func TestBodyMustArrive(t *testing.T) {
	read := make(chan error, 1)
	hs := &http.Server{ReadTimeout: time.Minute, Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})}
	inBubble(t, hs, http2.Options{MinBodyRate: 10}, func(_ *http2.Server, r *rawConn, _ <-chan time.Time) {
		began := time.Now()
		r.request(1, false, post...)
		for range 10 { // ten bytes earn a second each
			_ = r.WriteData(1, false, make([]byte, 100))
		}
		if a := r.await(1); a.status() != "200" {
			t.Errorf("answer %+v", a)
		}
		if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		within(t, time.Since(began), time.Minute+100*time.Second)
	})
}

func TestDeadlinesOfAHandler(t *testing.T) {
	hs := &http.Server{ReadTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		began := time.Now()
		if err := errors.Join(control.SetReadDeadline(time.Now().Add(5*time.Minute)), control.EnableFullDuplex()); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadAll(r.Body); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		within(t, time.Since(began), 5*time.Minute)
		if err := control.SetWriteDeadline(time.Now().Add(10 * time.Minute)); err != nil {
			t.Error(err)
		}
		_, err := w.Write(make([]byte, 1<<20)) // nobody takes it
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		within(t, time.Since(began), 15*time.Minute)
		select {
		case <-r.Context().Done(): // a moment after the write, by whoever ended that
		case <-time.After(time.Hour):
			t.Error("the context goes on")
		}
	})}
	inBubble(t, hs, http2.Options{StallTimeout: time.Hour}, func(_ *http2.Server, r *rawConn, _ <-chan time.Time) {
		r.request(1, false, post...)
		for {
			frame, err := r.ReadFrame()
			if err != nil {
				t.Fatal(err)
			}
			if reset, ok := frame.(*xhttp2.RSTStreamFrame); ok {
				if reset.ErrCode != xhttp2.ErrCodeInternal {
					t.Errorf("reset %v", reset.ErrCode)
				}
				return
			}
		}
	})
}

// A window of zero holds up its own stream only, and not forever.
func TestStalledStream(t *testing.T) {
	wrote := make(chan error, 1)
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quick" {
			return
		}
		_, err := w.Write(make([]byte, 1<<20))
		wrote <- err
	})}
	inBubble(t, hs, http2.Options{StallTimeout: 5 * time.Minute}, func(_ *http2.Server, r *rawConn, _ <-chan time.Time) {
		_ = r.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 0})
		began := time.Now()
		r.request(1, true, get...)
		r.request(3, true, quick...)
		if a := r.await(3); a.status() != "200" {
			t.Errorf("answer %+v", a)
		}
		if a := r.await(1); !a.reset || a.code != xhttp2.ErrCodeCancel {
			t.Errorf("answer %+v", a)
		}
		within(t, time.Since(began), 5*time.Minute)
		if err := <-wrote; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
	})
}

// A peer that doesn't read at all loses its connection.
func TestStalledConnection(t *testing.T) {
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	}), HTTP2: &http.HTTP2Config{WriteByteTimeout: 30 * time.Second}}
	inBubble(t, hs, http2.Options{}, func(_ *http2.Server, r *rawConn, closed <-chan time.Time) {
		began := time.Now()
		r.request(1, true, get...)
		within(t, (<-closed).Sub(began), 30*time.Second)
	})
}

func TestConnectionAge(t *testing.T) {
	hs := &http.Server{Handler: new(holding)}
	options := http2.Options{MaxConnectionAge: time.Hour, MaxConnectionAgeGrace: 10 * time.Minute}
	inBubble(t, hs, options, func(_ *http2.Server, r *rawConn, closed <-chan time.Time) {
		began := time.Now()
		r.request(1, true, get...)
		var last []uint32
		for {
			frame, err := r.ReadFrame()
			if err != nil {
				break
			}
			switch frame := frame.(type) {
			case *xhttp2.GoAwayFrame:
				if frame.ErrCode != xhttp2.ErrCodeNo {
					t.Error(frame.ErrCode)
				}
				last = append(last, frame.LastStreamID)
			case *xhttp2.PingFrame:
				if !frame.IsAck() {
					_ = r.WritePing(true, frame.Data)
				}
			}
		}
		if len(last) != 2 || last[0] != 1<<31-1 || last[1] != 1 {
			t.Errorf("last streams %v", last)
		}
		if age := (<-closed).Sub(began); age < 54*time.Minute+10*time.Minute || age > 66*time.Minute+11*time.Minute {
			t.Errorf("closed after %v", age)
		}
	})
}
