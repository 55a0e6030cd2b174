package tunnel_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cluster/tunnel"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

const node = "10.0.0.1:50051"

func post(t *testing.T, ctx context.Context, to *tunnel.Transport, body io.Reader) (*http.Response, error) { //nolint:revive // as testing has it
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, tunnel.URL(node)+"/a/b?c=d", body)
	if err != nil {
		t.Fatal(err)
	}
	return to.RoundTrip(r)
}

// TestBodiesOfAnySizeGoBothWays: what comes back is what was sent, whether the size
// is known before or not.
func TestBodiesOfAnySizeGoBothWays(t *testing.T) {
	s := startNATS(t)
	serve(t, s, node, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Target", r.RequestURI)
		w.Header().Set("X-Remote", r.RemoteAddr)
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.Copy(w, r.Body)
		w.Header().Set(http.TrailerPrefix+"X-After", "all")
	})
	from := transport(t, s, "b")
	for _, size := range []int{0, 1, 1000, 512 << 10, 1<<20 + 1, 5 << 20} {
		for name, hide := range map[string]func(io.Reader) io.Reader{
			"known": func(r io.Reader) io.Reader { return r }, "unknown": func(r io.Reader) io.Reader { return struct{ io.Reader }{r} },
		} {
			t.Run(fmt.Sprint(size, name), func(t *testing.T) {
				sent := bytes.Repeat([]byte("0123456789abcde\n"), size/16+1)[:size]
				answer, err := post(t, t.Context(), from, hide(bytes.NewReader(sent)))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(answer.Body)
				if err != nil || !bytes.Equal(got, sent) {
					t.Fatalf("got %d bytes, %v; want %d", len(got), err, len(sent))
				}
				if answer.StatusCode != http.StatusTeapot || answer.Header.Get("X-Target") != "/a/b?c=d" ||
					answer.Header.Get("X-Remote") != tunnel.RemotePrefix+"b" || answer.Trailer.Get("X-After") != "all" {
					t.Errorf("got %d, %v, %v", answer.StatusCode, answer.Header, answer.Trailer)
				}
				if n := from.InFlight(node); n != 0 {
					t.Errorf("%d calls are left", n)
				}
			})
		}
	}
}

// TestBothSidesTalkInTurn: neither waits for the other's end.
func TestBothSidesTalkInTurn(t *testing.T) {
	s := startNATS(t)
	serve(t, s, node, func(w http.ResponseWriter, r *http.Request) {
		line := make([]byte, 5)
		for {
			if _, err := io.ReadFull(r.Body, line); err != nil {
				return
			}
			_, _ = w.Write(bytes.ToUpper(line))
			_ = http.NewResponseController(w).Flush()
		}
	})
	body, say := io.Pipe()
	go func() { _, _ = say.Write([]byte("one  ")) }()
	answer, err := post(t, t.Context(), transport(t, s, "b"), body)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, want := range []string{"ONE  ", "TWO  ", "THREE"} {
		got := make([]byte, 5)
		if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
		if next := map[string]string{"ONE  ": "two  ", "TWO  ": "three"}[want]; next != "" {
			_, _ = say.Write([]byte(next))
		}
	}
	_ = say.Close()
	if rest, err := io.ReadAll(answer.Body); err != nil || len(rest) > 0 {
		t.Errorf("got %q, %v after the end", rest, err)
	}
}

func TestNobodyThere(t *testing.T) {
	if _, err := post(t, t.Context(), transport(t, startNATS(t), "b"), nil); !errors.Is(err, tunnel.ErrUnreached) {
		t.Errorf("got %v, want %v", err, tunnel.ErrUnreached)
	}
}

// TestCallerLeaves: the handler's context ends with the caller's, and when the
// answer is closed before its end.
func TestCallerLeaves(t *testing.T) {
	s := startNATS(t)
	left := make(chan error)
	serve(t, s, node, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		left <- context.Cause(r.Context())
	})
	from := transport(t, s, "b")
	for name, leave := range map[string]func(*http.Response, context.CancelFunc){
		"cancel": func(_ *http.Response, cancel context.CancelFunc) { cancel() },
		"close":  func(answer *http.Response, _ context.CancelFunc) { _ = answer.Body.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			answer, err := post(t, ctx, from, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			leave(answer, cancel)
			if err := <-left; !errors.Is(err, context.Canceled) {
				t.Errorf("the handler was told %v", err)
			}
			if _, err := answer.Body.Read(make([]byte, 1)); err == nil {
				t.Error("the answer can be read on")
			}
		})
	}
}

// TestNodeSwallowsEverything: a node that listens and never answers holds up nobody
// for longer than the deadline, or than it takes to give it up.
func TestNodeSwallowsEverything(t *testing.T) {
	s := startNATS(t)
	silent := connect(t, s)
	if _, err := silent.SubscribeSync(nodes + ">"); err != nil {
		t.Fatal(err)
	}
	if err := silent.Flush(); err != nil { // the server knows of it
		t.Fatal(err)
	}
	from := transport(t, s, "b")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := post(t, ctx, from, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a deadline: got %v", err)
	}
	if _, err := post(t, t.Context(), from, nil); !errors.Is(err, tunnel.ErrLost) {
		t.Errorf("without: got %v, want %v", err, tunnel.ErrLost)
	}
}

// TestNodeGoes: an open call ends when the node stops, and calls go through when it
// is there again.
func TestNodeGoes(t *testing.T) {
	s := startNATS(t)
	begun := make(chan struct{}, 1)
	waits := func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-r.Context().Done()
	}
	first := connect(t, s)
	if _, err := tunnel.Serve(first, nodes, node, http.HandlerFunc(waits), slog.New(slog.DiscardHandler)); err != nil { // and it is killed, not closed
		t.Fatal(err)
	}
	from := transport(t, s, "b")
	go func() { <-begun; first.Close() }()
	if _, err := post(t, t.Context(), from, nil); !errors.Is(err, tunnel.ErrLost) {
		t.Errorf("got %v, want %v", err, tunnel.ErrLost)
	}
	serve(t, s, node, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "back") })
	answer, err := post(t, t.Context(), from, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(answer.Body); err != nil || string(got) != "back" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestCallerIsKilled: the handler of one who goes without a word is told.
func TestCallerIsKilled(t *testing.T) {
	s := startNATS(t)
	began, left := make(chan struct{}), make(chan struct{})
	serve(t, s, node, func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(left)
	})
	conn := connect(t, s)
	from, err := tunnel.NewTransport(conn, nodes, "b")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = post(t, t.Context(), from, nil) // the way it ends is another test's
	}()
	<-began
	conn.Close()
	<-left
	<-done
}

// TestHandlerPanics: who called is told, and the log of the node says where.
func TestHandlerPanics(t *testing.T) {
	s := startNATS(t)
	var log logtest.Buffer
	serveLogging(t, s, node, func(http.ResponseWriter, *http.Request) { panic("no") }, log.Logger(slog.LevelError))
	if _, err := post(t, t.Context(), transport(t, s, "b"), nil); !errors.Is(err, tunnel.ErrLost) || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("got %v", err)
	}
	if said := log.Lines("panic=no"); len(said) != 1 || !strings.Contains(said[0], "tunnel_test.go") {
		t.Errorf("the log says %q", said)
	}
}

// A closing is a body that tells when it is closed.
type closing struct {
	io.Reader

	closed chan struct{}
}

func (c closing) Close() error {
	close(c.closed)
	return nil
}

// TestBodyIsClosed: as of every [http.RoundTripper], whatever becomes of the request.
func TestBodyIsClosed(t *testing.T) {
	s := startNATS(t)
	serve(t, s, node, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	from := transport(t, s, "b")
	gone, leave := context.WithCancel(t.Context())
	leave()
	for name, c := range map[string]struct {
		length int64 // -1: unknown
		header string
		to     string
		ctx    context.Context
	}{
		"sent at once":      {length: 5, to: node, ctx: t.Context()},
		"sent as it comes":  {length: -1, to: node, ctx: t.Context()},
		"header too large":  {length: 5, to: node, header: strings.Repeat("x", 64<<10), ctx: t.Context()},
		"nobody there":      {length: 5, to: "c", ctx: t.Context()},
		"caller has left":   {length: -1, to: node, ctx: gone},
		"shorter than said": {length: 6, to: node, ctx: t.Context()},
	} {
		t.Run(name, func(t *testing.T) {
			body := closing{strings.NewReader("hello"), make(chan struct{})}
			r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, tunnel.URL(c.to)+"/", body)
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = c.length
			r.Header.Set("X-Much", c.header)
			if answer, err := from.RoundTrip(r); err == nil {
				_ = answer.Body.Close()
			}
			select {
			case <-body.closed:
			case <-time.After(patience):
				t.Error("the body is open")
			}
		})
	}
}

// TestManyCalls: each gets its own answer, at the same time and one after the other.
func TestManyCalls(t *testing.T) {
	s := startNATS(t)
	serve(t, s, node, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	from := transport(t, s, "b")
	var all sync.WaitGroup
	for caller := range 64 {
		all.Go(func() {
			for i := range 20 {
				sent := fmt.Sprint(caller, " ", i)
				answer, err := post(t, t.Context(), from, strings.NewReader(sent))
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := io.ReadAll(answer.Body); err != nil || string(got) != sent {
					t.Errorf("got %q, %v; want %q", got, err, sent)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkSmallCall(b *testing.B) {
	s := startNATS(b)
	serve(b, s, node, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	from := transport(b, s, "b")
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, tunnel.URL(node)+"/", strings.NewReader("hello"))
			answer, err := from.RoundTrip(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
	})
}
