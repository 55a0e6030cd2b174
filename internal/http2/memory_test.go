package http2_test

import (
	"io"
	"net/http"
	"runtime"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A connection gives back the memory that it has needed: idle ones are small, whatever
// they did before.
func TestIdleConnectionsAreSmall(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
	})}, http2.Options{})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC() // pools keep things for one
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	const connections = 100
	var all []*rawConn
	for range connections {
		r := dialRaw(t, s.addr, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 1 << 20})
		r.request(1, false, post...)
		for i := range 3 {
			_ = r.WriteData(1, i == 2, make([]byte, 16<<10))
		}
		if a := r.await(1); len(a.body) != 48<<10 {
			t.Fatalf("answer of %d bytes", len(a.body))
		}
		r.ping()
		r.Framer = xhttp2.NewFramer(r.Conn, r.Conn) // ours has a buffer, too
		all = append(all, r)
	}
	// The client's side of a connection counts as well.
	if each := (heap() - before) / connections; each > 24<<10 {
		t.Errorf("an idle connection takes %d bytes", each)
	}
	runtime.KeepAlive(all)
}

// A client may send no more than a window that nobody reads, whatever its
// streams add up to.
func TestUnreadBodiesAreBounded(t *testing.T) {
	handler := new(holding)
	s := serveTest(t, &http.Server{Handler: handler, HTTP2: &http.HTTP2Config{
		MaxReceiveBufferPerStream: 1 << 20, MaxReceiveBufferPerConnection: 2 << 20,
	}}, http2.Options{})
	r := dialRaw(t, s.addr)
	code := flood(t, r, 1000, func(i int) error {
		id := uint32(2*(i/10) + 1)
		if i%10 == 0 {
			if err := r.begin(id, false, post...); err != nil {
				return err
			}
		}
		return r.WriteData(id, false, make([]byte, 16<<10))
	})
	if code != xhttp2.ErrCodeFlowControl {
		t.Errorf("GOAWAY %v", code)
	}
}
