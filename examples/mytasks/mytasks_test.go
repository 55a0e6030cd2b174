package mytasks_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/taskscheduler/taskscheduler/examples/mytasks"
)

func TestTasks(t *testing.T) {
	if got := mytasks.Multiply(2, 3, 7); got != 42 {
		t.Errorf("got %v", got)
	}
	page := "<html><title>\n Fish &amp; chips </title>"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) }))
	defer server.Close()
	if got, err := mytasks.FetchTitle(t.Context(), server.URL); err != nil || got != "Fish & chips" {
		t.Errorf("got %q, %v", got, err)
	}
	page = "<title>"
	if got, err := mytasks.FetchTitle(t.Context(), server.URL); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}
