package tunnel

import (
	"bytes"
	"net/http"
	"slices"
	"testing"
)

func FuzzFrame(f *testing.F) {
	f.Add((&frame{kind: open, call: 7, head: []byte("head"), body: []byte("body"), end: true}).bytes())
	f.Add((&frame{kind: ping, calls: []uint64{1, 2, 1 << 40}}).bytes())
	f.Add((&frame{kind: reset, call: 1, text: "why"}).bytes())
	f.Fuzz(func(t *testing.T, message []byte) {
		first, err := readFrame(message)
		if err != nil {
			return
		}
		again, err := readFrame(first.bytes())
		if err != nil || again.kind != first.kind || again.call != first.call || again.number != first.number ||
			again.end != first.end || again.credit != first.credit || again.text != first.text ||
			!bytes.Equal(again.head, first.head) || !bytes.Equal(again.body, first.body) ||
			!bytes.Equal(again.trailer, first.trailer) || !slices.Equal(again.calls, first.calls) {
			t.Errorf("got %+v, %v; want %+v", again, err, first)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add((&head{method: "POST", target: "/a?b=c", from: "n", length: -1, header: http.Header{"A": {"b", "c"}}}).bytes())
	f.Add((&head{status: 200, length: 5}).bytes())
	f.Fuzz(func(t *testing.T, message []byte) {
		first, err := readHead(message)
		if err != nil {
			return
		}
		again, err := readHead(first.bytes())
		if err != nil || again.method != first.method || again.target != first.target || again.from != first.from ||
			again.status != first.status || again.length != first.length || len(again.header) != len(first.header) {
			t.Errorf("got %+v, %v; want %+v", again, err, first)
		}
		if r, err := first.request(); err == nil && r.URL.RequestURI() == "" {
			t.Errorf("%q gives a request without a target", first.target)
		}
	})
}
