package adminport_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

// TestEveryAnswerIsHarmlessInABrowser: refusals and answers of rpcs too are told to be
// no page, and nothing that other sites' pages show or read.
func TestEveryAnswerIsHarmlessInABrowser(t *testing.T) {
	b := serve(t, adminport.Config{TokenFile: writeFile(t, "tokens", "alice alices-token-is-long\n", 0o600), Needs: func(path string) adminport.Role {
		if path == "/page" {
			return adminport.Nobody
		}
		return adminport.Viewer
	}})
	for _, test := range []struct {
		method, path, host, contentType string
		status                          int
	}{
		{http.MethodGet, "/page", "", "", http.StatusOK},
		{http.MethodGet, "/metrics", "", "", http.StatusUnauthorized},
		{http.MethodGet, "/page", "evil.example", "", http.StatusForbidden},
		{http.MethodPost, "/taskscheduler.admin.v1.AdminService/GetStatus", "", "application/json", http.StatusUnauthorized},
		{http.MethodPost, "/taskscheduler.admin.v1.AdminService/GetStatus", "", "application/grpc-web", http.StatusOK}, // with a code
		{http.MethodGet, "/session", "", "", http.StatusMethodNotAllowed},
		{http.MethodPost, "/session", "", "text/plain", http.StatusBadRequest},
		{http.MethodPost, "/session", "", "application/json", http.StatusBadRequest},
	} {
		request, err := http.NewRequestWithContext(context.Background(), test.method, "http://"+b.Addr().String()+test.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		request.Host = test.host
		request.Header.Set("Content-Type", test.contentType)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != test.status {
			t.Errorf("%+v: %s", test, response.Status)
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer",
		} {
			if got := response.Header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s %s has %s: %q, want %q", test.method, test.path, name, got, want)
			}
		}
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}
