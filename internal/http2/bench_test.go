package http2_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// BenchmarkHop is a small call there and back, without what a handler does: 32
// in flight on one connection, from a client that only counts answers.
func BenchmarkHop(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		header := w.Header()
		header["Content-Type"] = []string{"application/grpc"}
		_, _ = w.Write([]byte("\x00\x00\x00\x00\x03abc"))
		header[http.TrailerPrefix+"Grpc-Status"] = []string{"0"}
	})
	b.Run("own", func(b *testing.B) {
		s := serveTest(b, &http.Server{Handler: handler}, http2.Options{})
		benchmarkHop(b, s.addr)
	})
	b.Run("net/http", func(b *testing.B) {
		hs := &http.Server{Handler: handler, Protocols: new(http.Protocols)}
		hs.Protocols.SetUnencryptedHTTP2(true)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = hs.Serve(l)
		}()
		benchmarkHop(b, l.Addr().String())
		_ = hs.Close()
		<-done
	})
}

func benchmarkHop(b *testing.B, addr string) {
	b.Helper()
	r := dialRaw(b, addr, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 1 << 20})
	defer r.Close()
	_ = r.WriteWindowUpdate(0, 1<<30)
	var out, block bytes.Buffer
	framer := xhttp2.NewFramer(&out, r.Conn)
	framer.SetReuseFrames()
	encoder := hpack.NewEncoder(&block)
	next := uint32(1)
	send := func() {
		block.Reset()
		for i := 0; i < len(post); i += 2 {
			_ = encoder.WriteField(hpack.HeaderField{Name: post[i], Value: post[i+1]})
		}
		_ = encoder.WriteField(hpack.HeaderField{Name: "content-type", Value: "application/grpc"})
		_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: next, BlockFragment: block.Bytes(), EndHeaders: true})
		_ = framer.WriteData(next, true, make([]byte, 100))
		next += 2
	}
	for range 32 {
		send()
	}
	b.ReportAllocs()
	for b.Loop() {
		if out.Len() > 1000 {
			_, _ = r.Write(out.Bytes())
			out.Reset()
		}
		for ended := false; !ended; {
			frame, err := framer.ReadFrame()
			if err != nil {
				b.Fatal(err)
			}
			switch frame := frame.(type) {
			case *xhttp2.HeadersFrame:
				ended = frame.StreamEnded()
			case *xhttp2.DataFrame:
				ended = frame.StreamEnded()
			case *xhttp2.GoAwayFrame, *xhttp2.RSTStreamFrame:
				b.Fatal(frame)
			}
		}
		send()
	}
}
