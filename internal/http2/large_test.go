package http2_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

const largestFrame = 1 << 20

// sizes answers how long the body and a header are.
func sizes(w http.ResponseWriter, r *http.Request) {
	n, err := io.Copy(io.Discard, r.Body)
	fmt.Fprintf(w, "%d %v %d", n, err, len(r.Header.Get("Large")))
}

// Clients may send frames as large as net/http takes them.
func TestLargeFrames(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(sizes)}, http2.Options{})
	r := dialRaw(t, s.addr)
	answers := func(id uint32, want string) {
		t.Helper()
		if a := r.await(id); string(a.body) != want {
			t.Errorf("stream %d: got %q, want %q", id, a.body, want)
		}
	}
	r.request(1, false, post...)
	_ = r.WriteData(1, true, make([]byte, largestFrame))
	answers(1, "1048576 <nil> 0")
	r.request(3, false, post...)
	_ = r.WriteDataPadded(3, false, make([]byte, 100_000), make([]byte, 255))
	_ = r.WriteDataPadded(3, true, make([]byte, 100_000), make([]byte, 3))
	answers(3, "200000 <nil> 0")

	large := append(slices.Clone(get), "large", strings.Repeat("X", 100_000))
	_ = r.WriteHeaders(xhttp2.HeadersFrameParam{
		StreamID: 5, BlockFragment: r.encode(large...), EndStream: true, EndHeaders: true,
		PadLength: 9, Priority: xhttp2.PriorityParam{StreamDep: 3, Weight: 1},
	})
	answers(5, "0 <nil> 100000")
	block := r.encode(large...)
	_ = r.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 7, BlockFragment: block[:30_000], EndStream: true})
	_ = r.WriteContinuation(7, false, block[30_000:50_000])
	_ = r.WriteContinuation(7, true, block[50_000:])
	_ = r.WriteRawFrame(99, 0, 0, make([]byte, 50_000)) // a type that nobody knows
	answers(7, "0 <nil> 100000")
}

// What a large frame does wrong ends its stream, and all of it is passed over.
func TestLargeFrameOfAStreamThatEnds(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(sizes)}, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, false, post...)
	r.request(3, false, append(slices.Clone(post), "content-length", "5")...)
	_ = r.WriteData(3, true, bytes.Repeat([]byte{9}, 500_000)) // more than it has declared
	_ = r.WriteData(1, true, make([]byte, 300_000))
	if a := r.await(1); string(a.body) != "300000 <nil> 0" {
		t.Errorf("got %q", a.body)
	}
}

func TestFramesThatAreTooLarge(t *testing.T) {
	for name, frame := range map[string]struct {
		kind   xhttp2.FrameType
		stream uint32
		length int
		want   xhttp2.ErrCode
	}{
		"data":                             {xhttp2.FrameData, 1, largestFrame + 1, xhttp2.ErrCodeFrameSize},
		"data of no stream":                {xhttp2.FrameData, 0, 20_000, xhttp2.ErrCodeProtocol},
		"data of a stream that is to come": {xhttp2.FrameData, 9, 20_000, xhttp2.ErrCodeProtocol},
		"headers of no stream":             {xhttp2.FrameHeaders, 0, 20_000, xhttp2.ErrCodeProtocol},
		"ping":                             {xhttp2.FramePing, 0, 20_000, xhttp2.ErrCodeFrameSize},
		"settings":                         {xhttp2.FrameSettings, 0, 60_000, xhttp2.ErrCodeEnhanceYourCalm},
		"push":                             {xhttp2.FramePushPromise, 1, 20_000, xhttp2.ErrCodeProtocol},
	} {
		s := serveTest(t, &http.Server{Handler: http.HandlerFunc(sizes)}, http2.Options{})
		r := dialRaw(t, s.addr)
		r.request(1, false, post...)
		if code := flood(t, r, 1, func(int) error {
			return r.WriteRawFrame(frame.kind, 0, frame.stream, make([]byte, frame.length))
		}); code != frame.want {
			t.Errorf("%s: GOAWAY %v, want %v", name, code, frame.want)
		}
	}
}

// Memory follows what has come, not what is announced.
func TestAnnouncedFramesTakeNoMemory(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(sizes)}, http2.Options{})
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	const connections = 50
	for i := range connections {
		r := dialRaw(t, s.addr)
		r.request(1, false, post...)
		r.ping()
		kind := []byte{byte(xhttp2.FrameData), byte(xhttp2.FrameHeaders)}[i%2]
		_, _ = r.Write([]byte{largestFrame >> 16, 0, 0, kind, 0, 0, 0, 0, 1, 'x'})
	}
	if each := (heap() - before) / connections; each > 100<<10 {
		t.Errorf("a connection with an announced frame takes %d bytes", each)
	}
}
