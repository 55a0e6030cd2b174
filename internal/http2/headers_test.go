package http2_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// block sends a header block in as many frames as it takes.
func (r *rawConn) blockOf(id uint32, end bool, block []byte) error {
	n := min(len(block), 16<<10)
	err := r.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: block[:n], EndStream: end, EndHeaders: n == len(block)})
	for block = block[n:]; err == nil && len(block) > 0; block = block[n:] {
		n = min(len(block), 16<<10)
		err = r.WriteContinuation(id, n == len(block), block[:n])
	}
	return err
}

// A request whose headers are too large ends alone, with calls beside it going
// on; net/http's own HTTP/2 ends the connection.
func TestLargeHeadersEndTheirRequestAlone(t *testing.T) {
	handler := &holding{release: make(chan struct{})}
	s := serveTest(t, &http.Server{Handler: handler, MaxHeaderBytes: 8 << 10}, http2.Options{})
	r := dialRaw(t, s.addr)
	r.request(1, true, get...)
	for i, large := range [][]string{
		{"x", strings.Repeat("x", 9<<10)},
		{"x", strings.Repeat("x", 100<<10)},
		{strings.Repeat("x", 100<<10), "x"},
		{"x", strings.Repeat("\x80", 500<<10)},
	} {
		for j, end := range []bool{true, false} {
			id := uint32(3 + 4*i + 2*j)
			if err := r.blockOf(id, end, r.encode(append(large, get...)...)); err != nil {
				t.Fatal(err)
			}
			// The fields in front of the large one would do for a request.
			if a := r.await(id); a.status() != "431" && !a.reset {
				t.Errorf("%d, ended %v: %+v", i, end, a)
			}
		}
	}
	// Entries that the large blocks put into the compression table are still known.
	r.request(101, true, append(quick, "x", "y")...)
	if a := r.await(101); string(a.body) != "quick" {
		t.Errorf("a request after them: %+v", a)
	}
	close(handler.release)
	if a := r.await(1); a.status() != "200" {
		t.Errorf("the request beside them: %+v", a)
	}
}

// A header bomb: one large field in the table of compression, named often.
func TestHeaderBomb(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: new(holding)}, http2.Options{})
	r := dialRaw(t, s.addr)
	large := strings.Repeat("x", 3900)
	r.request(1, true, append(quick, "bomb", large)...)
	r.await(1)
	block := r.encode(quick...)
	one := r.encode("bomb", large)
	if len(one) != 1 {
		t.Fatalf("the field takes %d bytes", len(one))
	}
	for len(block) < 900<<10 {
		block = append(block, one...)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := r.blockOf(3, true, block); err != nil {
		t.Fatal(err)
	}
	if a := r.await(3); a.status() != "431" {
		t.Errorf("answer %+v", a)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 16<<20 { // 3.4 GB if it were taken at its word
		t.Errorf("%d MiB were allocated", took>>20)
	}
}

// Malformed requests are not served, and do no harm to others.
func TestMalformedRequests(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "served")
	})}, http2.Options{})
	base := func(extra ...string) []string { return append(append([]string{}, get...), extra...) }
	malformed := map[string][]string{
		"connection":          base("connection", "close"),
		"upgrade":             base("upgrade", "h2c"),
		"te":                  base("te", "gzip"),
		"capitals":            base("X-Capital", "x"),
		"blank in name":       base("x y", "x"),
		"line in value":       base("x", "a\r\nb"),
		"userinfo":            {":method", "GET", ":scheme", "http", ":authority", "user@test", ":path", "/"},
		"scheme":              {":method", "GET", ":scheme", "ftp", ":authority", "test", ":path", "/"},
		"path":                {":method", "GET", ":scheme", "http", ":authority", "test", ":path", "no/slash"},
		"path that is none":   {":method", "GET", ":scheme", "http", ":authority", "test", ":path", "/%zz"},
		"extended CONNECT":    {":method", "CONNECT", ":scheme", "http", ":authority", "test", ":path", "/", ":protocol", "websocket"},
		"length that is none": base("content-length", "x"),
		"two lengths":         base("content-length", "0", "content-length", "1"),
		"length without body": base("content-length", "1"),
	}
	r := dialRaw(t, s.addr)
	id := uint32(1)
	for name, fields := range malformed {
		r.request(id, true, fields...)
		if a := r.await(id); !a.reset || a.code != xhttp2.ErrCodeProtocol {
			t.Errorf("%s: %+v", name, a)
		}
		id += 2
	}
	r.request(id, true, ":method", "CONNECT", ":authority", "test:443")
	if a := r.await(id); a.status() != "501" {
		t.Errorf("CONNECT: %+v", a)
	}
	r.request(id+2, true, base("te", "trailers", "content-length", "0", "cookie", "a", "cookie", "b")...)
	if a := r.await(id + 2); string(a.body) != "served" {
		t.Errorf("a request after them: %+v", a)
	}
}
