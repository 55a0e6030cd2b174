package http2_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

func TestEcho(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		n, err := io.Copy(w, r.Body)
		w.Header().Set("X-Sum", fmt.Sprint(n, err))
		w.Header().Set(http.TrailerPrefix+"X-More", "more")
	})}, http2.Options{})
	client := plainClient(t)
	for _, size := range []int{0, 1, 1000, 5000, 16384, 100_000, 3 << 20} {
		sent := strings.Repeat("a", size)
		response, err := client.Post("http://"+s.addr+"/echo", "text/plain", strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		if got := body(t, response); got != sent {
			t.Errorf("sent %d bytes, got %d", len(sent), len(got))
		}
		if got := response.Trailer.Get("X-Sum"); got != fmt.Sprint(size, " <nil>") {
			t.Errorf("trailer: %q", got)
		}
		if got := response.Trailer.Get("X-More"); got != "more" {
			t.Errorf("trailer: %q", got)
		}
	}
}
