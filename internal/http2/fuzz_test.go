package http2_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A cannedConn is a client that has said all it will ever say.
type cannedConn struct {
	input   bytes.Reader
	written atomic.Int64
	closed  chan struct{}
}

func (c *cannedConn) Read(p []byte) (int, error) { return c.input.Read(p) }

func (c *cannedConn) Write(p []byte) (int, error) {
	c.written.Add(int64(len(p)))
	return len(p), nil
}

func (c *cannedConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return nil
}

func (*cannedConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*cannedConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*cannedConn) SetDeadline(time.Time) error      { return nil }
func (*cannedConn) SetReadDeadline(time.Time) error  { return nil }
func (*cannedConn) SetWriteDeadline(time.Time) error { return nil }

// conversation returns what a client says that sends a few requests.
func conversation(steps func(framer *xhttp2.Framer, encode func(fields ...string) []byte)) []byte {
	var out, block bytes.Buffer
	framer := xhttp2.NewFramer(&out, nil)
	framer.AllowIllegalWrites = true
	encoder := hpack.NewEncoder(&block)
	_ = framer.WriteSettings()
	steps(framer, func(fields ...string) []byte {
		block.Reset()
		for i := 0; i < len(fields); i += 2 {
			_ = encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
		}
		return bytes.Clone(block.Bytes())
	})
	return out.Bytes()
}

// FuzzConnection serves whatever a client may send. However it is wrong, the
// server neither fails nor does more for a byte than that is worth, and nothing
// of the connection is left when it is over.
func FuzzConnection(f *testing.F) {
	f.Add(conversation(func(framer *xhttp2.Framer, encode func(...string) []byte) {
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: encode(post...), EndHeaders: true})
		_ = framer.WriteData(1, false, []byte("body"))
		_ = framer.WriteData(1, true, nil)
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 3, BlockFragment: encode(get...), EndHeaders: true, EndStream: true})
		_ = framer.WriteRSTStream(3, xhttp2.ErrCodeCancel)
		_ = framer.WritePing(false, [8]byte{})
		_ = framer.WriteWindowUpdate(0, 100)
		_ = framer.WriteGoAway(0, xhttp2.ErrCodeNo, nil)
	}))
	f.Add(conversation(func(framer *xhttp2.Framer, encode func(...string) []byte) {
		block := encode(append(post, "trailer", "x", "expect", "100-continue", "content-length", "3", "te", "trailers")...)
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:5], PadLength: 3, Priority: xhttp2.PriorityParam{StreamDep: 5}})
		_ = framer.WriteContinuation(1, true, block[5:])
		_ = framer.WriteDataPadded(1, false, []byte("abc"), make([]byte, 5))
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: encode("x", "y"), EndHeaders: true, EndStream: true})
		_ = framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 0}, xhttp2.Setting{ID: xhttp2.SettingHeaderTableSize, Val: 0})
		_ = framer.WritePriority(7, xhttp2.PriorityParam{StreamDep: 7})
		_ = framer.WriteWindowUpdate(1, 0)
	}))
	f.Add(conversation(func(framer *xhttp2.Framer, encode func(...string) []byte) {
		for id := uint32(1); id < 9; id += 2 {
			_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: encode(append(post, "x-tag", "t")...), EndHeaders: true})
			_ = framer.WriteData(id, true, []byte("body"))
		}
	}))
	f.Fuzz(func(t *testing.T, input []byte) {
		var handlers atomic.Int64
		s := http2.New(&http.Server{
			HTTP2: &http.HTTP2Config{MaxConcurrentStreams: 10},
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handlers.Add(1)
				_, _ = io.Copy(w, r.Body)
			}),
		}, http2.Options{Shortcut: tagged{}})
		conn := &cannedConn{closed: make(chan struct{})}
		conn.input.Reset(append([]byte(xhttp2.ClientPreface), input...))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s.ServeConn(conn)
		if err := s.Shutdown(t.Context()); err != nil { // returns when all handlers have
			t.Error(err)
		}
		runtime.ReadMemStats(&after)
		select {
		case <-conn.closed:
		default:
			t.Error("the connection was left open")
		}
		// A request takes 10 bytes at least, and its answer some 100.
		if n := handlers.Load(); n > int64(len(input)/10) {
			t.Errorf("%d handlers for %d bytes", n, len(input))
		}
		if n := conn.written.Load(); n > 1000+int64(20*len(input)) {
			t.Errorf("%d bytes were answered with %d", len(input), n)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20+uint64(1000*len(input)) {
			t.Errorf("%d bytes made us allocate %d", len(input), n)
		}
	})
}
