package rpc_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
)

// readAll reads a body through the budget, and returns what was read and why
// it ended.
func readAll(bodies *rpc.Bodies, body io.Reader, then func(*http.Request)) (n int, err error) {
	bodies.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var b []byte
		b, err = io.ReadAll(r.Body)
		n = len(b)
		then(r)
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", body))
	return n, err
}

func TestBodiesShareABudget(t *testing.T) {
	const half = 1 << 20
	bodies := rpc.NewBodies(2 * half)
	inside := func(*http.Request) {
		n, err := readAll(bodies, strings.NewReader(strings.Repeat("x", half)), func(*http.Request) {})
		if n != half || err != nil {
			t.Errorf("the second half: %d bytes, %v", n, err)
		}
		_, err = readAll(bodies, strings.NewReader(strings.Repeat("x", half+1)), func(*http.Request) {})
		if connect.CodeOf(err) != connect.CodeResourceExhausted {
			t.Errorf("more than there is room for: %v", err)
		}
	}
	if n, err := readAll(bodies, strings.NewReader(strings.Repeat("x", half)), inside); n != half || err != nil {
		t.Errorf("the first half: %d bytes, %v", n, err)
	}
	if held := bodies.Held(); held != 0 {
		t.Errorf("%d bytes are still held", held)
	}
}

func TestTheEndOfABurstIsTold(t *testing.T) {
	const mib = 1 << 20
	bodies := rpc.NewBodies(1000 * mib)
	told := make(chan struct{}, 10)
	bodies.WhenGone(func() { told <- struct{}{} })
	for _, size := range []int64{10 * mib, 200 * mib, 1 * mib, 300 * mib} {
		if err := bodies.Take(size); err != nil {
			t.Fatal(err)
		}
		bodies.GiveBack(size / 2)
		bodies.GiveBack(size - size/2)
	}
	<-told
	<-told
	if len(told) > 0 {
		t.Error("small bodies are no burst")
	}
}

func TestABodyThatWasReadHoldsNothing(t *testing.T) {
	bodies := rpc.NewBodies(1000)
	_, _ = readAll(bodies, strings.NewReader("hello"), func(r *http.Request) {
		if held := bodies.Held(); held != 5 {
			t.Errorf("%d bytes are held, want 5", held)
		}
		rpc.BodyRead(r.Context())
		if held := bodies.Held(); held != 0 {
			t.Errorf("%d bytes are held after it was read", held)
		}
	})
}

// deadlines is a response that ends the reading of a body as a connection does.
type deadlines struct {
	*httptest.ResponseRecorder
	mu  sync.Mutex
	due time.Time
}

func (d *deadlines) SetReadDeadline(due time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due = due
	return nil
}

// trickle is a body that comes a piece at a time.
type trickle struct {
	connection *deadlines
	piece      int
	pause      time.Duration
}

func (b *trickle) Read(p []byte) (int, error) {
	time.Sleep(b.pause) //nolint:forbidigo // the clock is synctest's
	b.connection.mu.Lock()
	defer b.connection.mu.Unlock()
	if due := b.connection.due; !due.IsZero() && time.Now().After(due) {
		return 0, errors.New("too slow")
	}
	return copy(p, make([]byte, b.piece)), nil
}

func TestABodyMustComeAtAPace(t *testing.T) {
	for name, test := range map[string]struct {
		piece  int
		pause  time.Duration
		within time.Duration // 0: it may go on
	}{
		"a byte a second":         {1, time.Second, 12 * time.Second},
		"nothing after the first": {100, time.Hour, 3 * time.Hour},
		"slow but steady":         {8 << 10, 100 * time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				connection := &deadlines{ResponseRecorder: httptest.NewRecorder()}
				body := &trickle{connection, test.piece, test.pause}
				began := time.Now()
				var err error
				rpc.NewBodies(1<<40).Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					_, err = io.CopyN(io.Discard, r.Body, 100<<20)
				})).ServeHTTP(connection, httptest.NewRequest(http.MethodPost, "/", body))
				if took := time.Since(began); (err != nil) != (test.within > 0) || err != nil && took > test.within {
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}

// A message that inflates to a thousand times its size is not inflated to its
// end to say how large it is.
func TestInflatingStopsAtTheLimit(t *testing.T) {
	const limit = 1 << 20
	bodies := rpc.NewBodies(1 << 40)
	path, handler := adminpbconnect.NewAdminServiceHandler(levelService{}, rpc.HandlerOptions(slog.New(slog.DiscardHandler), limit, bodies))
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	request := httptest.NewRequest(http.MethodPost, path+"SetLogLevel", &bomb)
	request.Header.Set("Content-Type", "application/proto")
	request.Header.Set("Content-Encoding", "gzip")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if body := answer.Body.String(); !strings.Contains(body, "resource_exhausted") || strings.Contains(body, "message size ") {
		t.Errorf("got %s", body)
	}
	if held := bodies.Held(); held != 0 {
		t.Errorf("%d bytes are still held", held)
	}
}

func TestInflatingSharesTheBudget(t *testing.T) {
	bodies := rpc.NewBodies(1000)
	path, handler := adminpbconnect.NewAdminServiceHandler(levelService{}, rpc.HandlerOptions(slog.New(slog.DiscardHandler), 1<<20, bodies))
	var message bytes.Buffer
	w := gzip.NewWriter(&message)
	_, _ = w.Write(make([]byte, 2000))
	_ = w.Close()
	request := httptest.NewRequest(http.MethodPost, path+"SetLogLevel", &message)
	request.Header.Set("Content-Type", "application/proto")
	request.Header.Set("Content-Encoding", "gzip")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if body := answer.Body.String(); !strings.Contains(body, "hold too many bytes") {
		t.Errorf("got %s", body)
	}
	if held := bodies.Held(); held != 0 {
		t.Errorf("%d bytes are still held", held)
	}
}
