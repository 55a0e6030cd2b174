package http2_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A plan is a request and what its handler does, drawn at random.
type plan struct {
	method, path string
	header       http.Header
	trailer      http.Header
	body         int // bytes; -1: none
	chunked      bool
	steps        []step
}

type step struct {
	what  string
	n     int
	name  string
	value string
}

func drawPlan(r *rand.Rand) plan {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	p := plan{
		method: pick("GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"),
		path:   pick("/", "/a/b", "/a%20b", "/q?x=1&y=%2F", "//double", "/päth", "/a;b", "/~x"),
		header: http.Header{"X-Index": nil},
		body:   -1,
	}
	for range r.IntN(4) {
		p.header.Add(pick("X-One", "X-Two", "Cookie", "Accept", "User-Agent", "Connect-Timeout-Ms"), pick("", "1", "a=b", "long "+strings.Repeat("x", r.IntN(300))))
	}
	if p.method == "POST" || p.method == "PUT" {
		p.body = []int{0, 1, 100, 1024, 5000, 16384, 20_000, 200_000}[r.IntN(8)]
		p.chunked = r.IntN(2) == 0
		if p.chunked && r.IntN(2) == 0 {
			p.trailer = http.Header{"X-Request-Trailer": {pick("t1", "t2")}}
		}
	}
	for range r.IntN(7) {
		p.steps = append(p.steps, step{
			what:  pick("read", "readAll", "write", "write", "flush", "header", "status", "trailer", "announce", "length", "information"),
			n:     []int{0, 1, 10, 600, 5000, 17_000, 70_000}[r.IntN(7)],
			name:  pick("X-Answer", "Content-Type", "X-Other", "Connection", "Content-Encoding", "Date", "Bad Name"),
			value: pick("v", "text/plain", "", "keep-alive", "bad\nvalue"),
		})
	}
	if p.trailer != nil { // net/http's two sides can hang, or fail, when a response overtakes a request's trailers
		p.steps = slices.Insert(p.steps, 0, step{what: "readAll"})
	} else if r.IntN(10) == 0 && p.method != "HEAD" {
		p.steps = append(p.steps, step{what: "abort"})
	}
	return p
}

// written is how much the handler will have written.
func (p plan) written() (n int) {
	for _, s := range p.steps {
		if s.what == "write" {
			n += s.n
		}
	}
	return n
}

func (p plan) aborts() bool {
	return slices.ContainsFunc(p.steps, func(s step) bool { return s.what == "abort" })
}

// A modelHandler does what the plan says and notes what it sees.
type modelHandler struct {
	plans   []plan
	running sync.WaitGroup
	mu      sync.Mutex
	seen    map[int][]string
}

func (h *modelHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.running.Add(1)
	defer h.running.Done()
	index, _ := strconv.Atoi(r.Header.Get("X-Index"))
	var seen []string
	note := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
	defer func() {
		h.mu.Lock()
		h.seen[index] = seen
		h.mu.Unlock()
	}()
	note("%s %s %v length %d trailer %v proto %s tls %v", r.Method, r.RequestURI, r.URL, r.ContentLength, r.Trailer, r.Proto, r.TLS != nil)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		note("%s: %q", name, r.Header[name])
	}
	for _, s := range h.plans[index].steps {
		switch s.what {
		case "read":
			p := make([]byte, s.n)
			n, err := io.ReadFull(r.Body, p)
			note("read %d %v", n, err)
		case "readAll":
			all, err := io.ReadAll(r.Body)
			note("read all %d %v trailer %v", len(all), err, r.Trailer)
		case "write":
			n, err := w.Write(bytes.Repeat([]byte("w"), s.n))
			if r.Method != http.MethodHead { // net/http's fails once the header is sent
				note("write %d %v", n, err != nil)
			}
		case "flush":
			if err := http.NewResponseController(w).Flush(); r.Method != http.MethodHead {
				note("flush %v", err)
			}
		case "header":
			w.Header().Add(s.name, s.value)
		case "status":
			w.WriteHeader([]int{200, 201, 204, 206, 404, 500, 600}[s.n%7])
		case "trailer":
			if strings.Contains(s.value, "\n") {
				continue // net/http never ends the stream if no trailer is fit to be sent
			}
			w.Header().Set(http.TrailerPrefix+"X-Trailer", s.value)
			w.Header().Set("X-Announced", s.value)
		case "announce":
			w.Header().Add("Trailer", "X-Announced, X-Never")
		case "length":
			w.Header().Set("Content-Length", strconv.Itoa(h.plans[index].written()))
		case "information":
			w.WriteHeader(http.StatusEarlyHints)
		case "abort":
			panic(http.ErrAbortHandler)
		}
	}
}

// do sends a plan's request and tells what came back.
func (p plan) do(client *http.Client, url string, index int) []string {
	var body io.Reader
	if p.body >= 0 {
		body = bytes.NewReader(bytes.Repeat([]byte("b"), p.body))
		if p.chunked {
			body = io.MultiReader(body)
		}
	}
	request, err := http.NewRequest(p.method, url+p.path, body)
	if err != nil {
		return []string{err.Error()}
	}
	request.Header = p.header.Clone()
	request.Header.Set("X-Index", strconv.Itoa(index))
	request.Trailer = p.trailer.Clone()
	request.Host = "model.test"
	response, err := client.Do(request)
	if err != nil {
		return []string{"error"}
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil && p.aborts() { // how much of it arrives depends on buffers
		return []string{"error"}
	}
	got := []string{fmt.Sprintf("%d body %d error %v trailer %v", response.StatusCode, len(all), err != nil, response.Trailer)}
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		switch {
		case name == "Date":
			got = append(got, "Date")
			continue
		case name == "Content-Length" && (p.method == "HEAD" || response.ContentLength == int64(len(all))):
			continue // true, and left out or added in other cases: we buffer more, and spare it where trailers follow
		}
		got = append(got, fmt.Sprintf("%s: %q", name, response.Header[name]))
	}
	return got
}

// TestLikeNetHTTP holds us against net/http's own server, with requests and
// handlers drawn at random.
func TestLikeNetHTTP(t *testing.T) {
	random := rand.New(rand.NewPCG(1, uint64(len(t.Name()))))
	plans := make([]plan, 1000)
	for i := range plans {
		plans[i] = drawPlan(random)
	}
	ours := &modelHandler{plans: plans, seen: make(map[int][]string)}
	s := serveTest(t, &http.Server{Handler: ours}, http2.Options{})
	theirs := &modelHandler{plans: plans, seen: make(map[int][]string)}
	model := httptest.NewUnstartedServer(theirs)
	model.Config.Protocols = new(http.Protocols)
	model.Config.Protocols.SetUnencryptedHTTP2(true)
	model.Config.ErrorLog = log.New(io.Discard, "", 0)
	model.Start()
	defer model.Close()

	client := plainClient(t)
	for i, p := range plans {
		got, want := p.do(client, "http://"+s.addr, i), p.do(client, model.URL, i)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("plan %d %+v:\n got %q\nwant %q", i, p, got, want)
		}
	}
	ours.running.Wait()
	theirs.running.Wait()
	for i, p := range plans {
		if got, want := ours.seen[i], theirs.seen[i]; !reflect.DeepEqual(got, want) {
			t.Errorf("plan %d %+v:\nhandler saw %q\n       want %q", i, p, got, want)
		}
	}
}
