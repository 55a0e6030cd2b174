package http2_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// tagged is a shortcut for requests with an x-tag, which answers have too.
type tagged struct{}

func (tagged) Route(r *http.Request) *http2.Route {
	tag := r.Header.Get("X-Tag")
	if tag == "" {
		return nil
	}
	return &http2.Route{
		Header:  []http2.Field{{Name: "x-tag", Value: tag}, {Name: "x-way", Value: "short"}},
		Trailer: []http2.Field{{Name: "x-end", Value: "as always"}},
		Answer: func(ctx context.Context, body []byte, a *http2.Answer) bool {
			switch {
			case string(body) == "decline":
				return false
			case string(body) == "panic":
				panic(http.ErrAbortHandler)
			case string(body) == "fail":
				a.Trailer = []http2.Field{{Name: "x-end", Value: "failed"}}
			case ctx.Err() == nil:
				a.Body = append(a.Body, body...)
			}
			return true
		},
	}
}

// newTagged returns a connection to a server that has the shortcut; its handler
// answers the same by the long way.
func newTagged(t *testing.T, settings ...xhttp2.Setting) *rawConn {
	t.Helper()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.Header().Set("X-Tag", r.Header.Get("X-Tag"))
		w.Header().Set("X-Way", "long")
		fmt.Fprintf(w, "%s %s %s %s %v", r.Method, r.URL, r.Host, body, err)
	})
	s := serveTest(t, &http.Server{Handler: handler}, http2.Options{Shortcut: tagged{}})
	return dialRaw(t, s.addr, settings...)
}

// callAtOnce sends a request and its body in one piece.
func (r *rawConn) callAtOnce(id uint32, block []byte, body string) {
	r.tb.Helper()
	var all bytes.Buffer
	framer := xhttp2.NewFramer(&all, nil)
	_ = framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true})
	_ = framer.WriteData(id, true, []byte(body))
	if _, err := r.Write(all.Bytes()); err != nil {
		r.tb.Fatal(err)
	}
}

// TestShortcutsKnowTheirRequests draws clients at random that send the same
// header again, or not, and whose table and ours change in between: what is
// remembered of one request is never taken for another one's.
func TestShortcutsKnowTheirRequests(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	r := newTagged(t)
	last := "a"
	for id := uint32(1); id < 6000; id += 2 {
		if random.IntN(3) == 0 {
			last = strings.Repeat(string(rune('a'+random.IntN(4))), 1+random.IntN(300))
		}
		switch random.IntN(40) {
		case 0:
			r.encoder.SetMaxDynamicTableSize(uint32(random.IntN(2) * 4096))
		case 1:
			_ = r.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingHeaderTableSize, Val: uint32(random.IntN(2) * 4096)})
		case 2: // nobody's, but in the table
			r.request(id, true, append(get, "x-other", last+strconv.Itoa(int(id)))...)
			r.await(id)
			continue
		}
		r.block.Reset()
		r.encode(post...)
		_ = r.encoder.WriteField(hpack.HeaderField{Name: "x-tag", Value: last, Sensitive: random.IntN(4) == 0})
		r.callAtOnce(id, r.block.Bytes(), "body")
		a := r.await(id)
		if a.status() != "200" || field(a.fields, "x-tag") != last || field(a.fields, "x-way") != "short" || field(a.fields, "date") == "" ||
			string(a.body) != "body" || field(a.trailer, "x-end") != "as always" {
			t.Fatalf("stream %d with the tag %s: got %+v", id, last, a)
		}
	}
}

// TestShortcutOrNot: what a shortcut does not take goes on to the handler as if
// there were none, be its header remembered or not.
func TestShortcutOrNot(t *testing.T) {
	r := newTagged(t, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 3})
	id := uint32(1)
	tagged := append(slices.Clone(post), "x-tag", "t")
	call := func(body string, extra ...string) answer {
		r.callAtOnce(id, r.encode(append(tagged, extra...)...), body)
		id += 2
		return r.await(id - 2)
	}
	for range 3 {
		if a := call("longer than the window"); string(a.body) != "longer than the window" || field(a.fields, "x-way") != "short" {
			t.Errorf("got %+v", a)
		}
		if a := call("fail"); len(a.body) > 0 || field(a.trailer, "x-end") != "failed" {
			t.Errorf("got %+v", a)
		}
		if a := call("decline"); string(a.body) != "POST / test decline <nil>" || field(a.fields, "x-tag") != "t" {
			t.Errorf("got %+v", a)
		}
		if a := call("ab", "content-length", "2"); string(a.body) != "POST / test ab <nil>" {
			t.Errorf("got %+v", a)
		}
		if a := call("panic"); !a.reset || a.code != xhttp2.ErrCodeInternal {
			t.Errorf("got %+v", a)
		}
		r.request(id, false, tagged...)
		_ = r.WriteData(id, false, []byte("in "))
		r.ping() // so that it comes alone
		_ = r.WriteData(id, false, []byte("pieces"))
		r.request(id, true, "x-trailer", "1")
		if a := r.await(id); string(a.body) != "POST / test in pieces <nil>" {
			t.Errorf("got %+v", a)
		}
		id += 2
	}
}
