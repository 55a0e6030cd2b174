package http2_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A rawConn is a client that may do what no client does.
type rawConn struct {
	*http2.Framer
	net.Conn

	tb      testing.TB
	block   bytes.Buffer
	encoder *hpack.Encoder
	decoder *hpack.Decoder
	fields  []hpack.HeaderField
}

// dialRaw connects and exchanges settings.
func dialRaw(tb testing.TB, addr string, settings ...http2.Setting) *rawConn {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	return newRaw(tb, conn, settings...)
}

func newRaw(tb testing.TB, conn net.Conn, settings ...http2.Setting) *rawConn {
	tb.Helper()
	tb.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(2 * time.Minute)) // a backstop
	r := &rawConn{Framer: http2.NewFramer(conn, conn), Conn: conn, tb: tb}
	r.AllowIllegalWrites = true
	r.encoder = hpack.NewEncoder(&r.block)
	r.decoder = hpack.NewDecoder(4096, func(f hpack.HeaderField) { r.fields = append(r.fields, f) })
	var written sync.WaitGroup
	written.Go(func() { // a pipe has no buffer
		_, _ = io.WriteString(conn, http2.ClientPreface)
		_ = r.WriteSettings(settings...)
	})
	frame, err := r.ReadFrame()
	if settings, ok := frame.(*http2.SettingsFrame); !ok || settings.IsAck() {
		tb.Fatalf("first frame: %v %v", frame, err)
	}
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			tb.Fatal(err)
		}
		if settings, ok := frame.(*http2.SettingsFrame); ok && settings.IsAck() {
			written.Wait()
			return r
		}
	}
}

// get is what most requests of tests are.
var get = []string{":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/"}

// post is the same with a body to come.
var post = []string{":method", "POST", ":scheme", "http", ":authority", "test", ":path", "/"}

// encode returns a header block of names and values.
func (r *rawConn) encode(fields ...string) []byte {
	r.block.Reset()
	for pair := range slices.Chunk(fields, 2) {
		_ = r.encoder.WriteField(hpack.HeaderField{Name: pair[0], Value: pair[1]})
	}
	return bytes.Clone(r.block.Bytes())
}

// request begins a stream.
func (r *rawConn) request(id uint32, end bool, fields ...string) {
	r.tb.Helper()
	if err := r.begin(id, end, fields...); err != nil {
		r.tb.Fatal(err)
	}
}

func (r *rawConn) begin(id uint32, end bool, fields ...string) error {
	return r.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: r.encode(fields...), EndStream: end, EndHeaders: true})
}

// ReadFrame reads a frame, and decodes headers even if nobody wants them: later
// ones may refer to them.
func (r *rawConn) ReadFrame() (http2.Frame, error) {
	frame, err := r.Framer.ReadFrame()
	if headers, ok := frame.(*http2.HeadersFrame); ok {
		r.fields = nil
		if _, err := r.decoder.Write(headers.HeaderBlockFragment()); err != nil {
			r.tb.Error(err)
		}
		_ = r.decoder.Close() // the next block may begin with the table's size
	}
	return frame, err
}

// An answer is what came for a stream.
type answer struct {
	fields  []hpack.HeaderField
	body    []byte
	trailer []hpack.HeaderField
	reset   bool
	code    http2.ErrCode
}

func (a answer) status() string { return field(a.fields, ":status") }

func field(fields []hpack.HeaderField, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

// await reads until a stream has ended, giving windows back.
func (r *rawConn) await(id uint32) answer {
	r.tb.Helper()
	var a answer
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			r.tb.Fatalf("stream %d: %v", id, err)
		}
		end := false
		switch frame := frame.(type) {
		case *http2.HeadersFrame:
			if frame.StreamID != id {
				continue
			}
			if end = frame.StreamEnded(); a.fields != nil && end {
				a.trailer = r.fields
			} else {
				a.fields = r.fields
			}
		case *http2.DataFrame:
			if n := uint32(len(frame.Data())); n > 0 {
				_ = r.WriteWindowUpdate(0, n)
				_ = r.WriteWindowUpdate(frame.StreamID, n)
			}
			if frame.StreamID != id {
				continue
			}
			a.body = append(a.body, frame.Data()...)
			end = frame.StreamEnded()
		case *http2.RSTStreamFrame:
			if end = frame.StreamID == id; end {
				a.reset, a.code = true, frame.ErrCode
			}
		case *http2.GoAwayFrame:
			r.tb.Fatalf("stream %d: GOAWAY %v %q", id, frame.ErrCode, frame.DebugData())
		}
		if end {
			return a
		}
	}
}

// awaitGoAway reads until the connection has ended and returns the code that
// the server gave; false if none.
func (r *rawConn) awaitGoAway() (code http2.ErrCode, ok bool) {
	r.tb.Helper()
	for {
		frame, err := r.ReadFrame()
		if errors.Is(err, http2.ErrFrameTooLarge) || isTimeout(err) {
			r.tb.Fatal(err)
		}
		if err != nil {
			return code, ok
		}
		if away, is := frame.(*http2.GoAwayFrame); is {
			code, ok = away.ErrCode, true
		}
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}

// ping makes sure that the server has seen all that was sent before.
func (r *rawConn) ping() {
	r.tb.Helper()
	data := [8]byte{'t', 'e', 's', 't'}
	if err := r.WritePing(false, data); err != nil {
		r.tb.Fatal(err)
	}
	for {
		frame, err := r.ReadFrame()
		if err != nil {
			r.tb.Fatal(err)
		}
		if away, ok := frame.(*http2.GoAwayFrame); ok {
			r.tb.Fatalf("GOAWAY %v", away.ErrCode)
		}
		if pong, ok := frame.(*http2.PingFrame); ok && pong.IsAck() && pong.Data == data {
			return
		}
	}
}

// Close closes the connection.
func (r *rawConn) Close() error { return r.Conn.Close() }
