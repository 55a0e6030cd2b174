package adminport_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// A browser keeps cookies, and says where its page is from.
type browser struct {
	*http.Client

	b *bench
}

func (b *bench) browser(t *testing.T, client *http.Client) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client.Jar = jar
	return &browser{client, b}
}

// send sends a request as a page of the port does, but for what is in header.
func (w *browser) send(t *testing.T, method, path, body string, header map[string]string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.b.url()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", w.b.url())
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	for key, value := range header {
		request.Header.Del(key)
		if value != "" {
			request.Header.Set(key, value)
		}
	}
	response, err := w.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func (w *browser) logIn(t *testing.T, token string) *http.Response {
	t.Helper()
	return w.send(t, http.MethodPost, "/session", `{"token": "`+token+`"}`, nil)
}

func TestATokenBecomesASession(t *testing.T) {
	file, tokens := roleTokens(t)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs})
	w := b.browser(t, b.client(t, 1, nil))
	status := func(path string, header map[string]string) int {
		t.Helper()
		return w.send(t, http.MethodPost, path, "{}", header).StatusCode
	}
	if got := status("/see", nil); got != http.StatusUnauthorized {
		t.Errorf("before: %d", got)
	}
	opened := w.logIn(t, tokens[adminport.Operator])
	if opened.StatusCode != http.StatusNoContent || len(opened.Cookies()) != 1 || opened.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s, %v", opened.Status, opened.Header)
	}
	_, number, _ := net.SplitHostPort(b.Addr().String())
	if c := opened.Cookies()[0]; c.Name != "task-scheduler-session-"+number || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure ||
		c.Path != "/" || time.Until(c.Expires) > 12*time.Hour || strings.Contains(tokens[adminport.Operator], c.Value) {
		t.Errorf("the cookie: %v", c)
	}
	for path, want := range map[string]int{"/see": http.StatusOK, "/operate": http.StatusOK, "/administer": http.StatusForbidden} {
		if got := status(path, nil); got != want {
			t.Errorf("%s with a session: %d, want %d", path, got, want)
		}
	}
	for _, foreign := range []map[string]string{
		{"Origin": "http://evil.example"},
		{"Origin": "null"},
		{"Sec-Fetch-Site": "same-site"},
		{"Sec-Fetch-Site": "cross-site", "Origin": ""},
		{"Origin": "http://127.0.0.1:1"},
		{"Origin": "", "Sec-Fetch-Site": ""},
		{"Origin": "", "Sec-Fetch-Site": "none"},
	} {
		if got := status("/see", foreign); got == http.StatusOK {
			t.Errorf("a page that is not ours, with %v, is let in by the session", foreign)
		}
	}
	if got := w.send(t, http.MethodGet, "/see", "", map[string]string{"Origin": "", "Sec-Fetch-Site": "none"}).StatusCode; got != http.StatusOK {
		t.Errorf("an address typed in: %d", got)
	}

	cookies := w.Jar.Cookies(&url.URL{Scheme: "http", Host: b.Addr().String()})
	if got := w.send(t, http.MethodDelete, "/session", "", nil).StatusCode; got != http.StatusNoContent {
		t.Fatalf("logging out: %d", got)
	}
	if left := w.Jar.Cookies(&url.URL{Scheme: "http", Host: b.Addr().String()}); len(left) != 0 {
		t.Errorf("the browser keeps %v", left)
	}
	if got := status("/see", map[string]string{"Cookie": cookies[0].String()}); got != http.StatusUnauthorized {
		t.Errorf("a session that has ended: %d", got)
	}
}

// TestSessionsEndWithTheirLine: who was let in by a line of the file is not when that
// is gone.
func TestSessionsEndWithTheirLine(t *testing.T) {
	file, tokens := roleTokens(t)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs})
	w := b.browser(t, b.client(t, 1, nil))
	w.logIn(t, tokens[adminport.Operator])
	if got := w.send(t, http.MethodPost, "/operate", "", nil).StatusCode; got != http.StatusOK {
		t.Fatalf("with a session: %d", got)
	}
	_, other, err := adminport.NewToken("other", adminport.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, other+"\n", 0o644)
	b.Reload()
	if got := w.send(t, http.MethodPost, "/see", "", nil).StatusCode; got != http.StatusUnauthorized {
		t.Errorf("without the line: %d", got)
	}
}

func TestWrongTokensOpenNoSession(t *testing.T) {
	file, _ := roleTokens(t)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs})
	w := b.browser(t, b.client(t, 1, nil))
	for _, test := range []struct {
		body   string
		header map[string]string
		want   int
	}{
		{`{"token": "wrong"}`, nil, http.StatusUnauthorized},
		{`{"token": ""}`, nil, http.StatusBadRequest},
		{`{}`, nil, http.StatusBadRequest},
		{`token=x`, nil, http.StatusBadRequest},
		{`{"token": "` + strings.Repeat("x", 1<<20) + `"}`, nil, http.StatusBadRequest},
		{`{"token": "x"}`, map[string]string{"Content-Type": "text/plain"}, http.StatusBadRequest},
		{`{"token": "x"}`, map[string]string{"Origin": "http://evil.example"}, http.StatusForbidden},
	} {
		response := w.send(t, http.MethodPost, "/session", test.body, test.header)
		if response.StatusCode != test.want || len(response.Cookies()) > 0 {
			t.Errorf("%.40s, %v: %s, want %d", test.body, test.header, response.Status, test.want)
		}
	}
	if got := w.send(t, http.MethodGet, "/session", "", nil).StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("read: %d", got)
	}
	for guess := 0; w.logIn(t, "wrong").StatusCode != http.StatusTooManyRequests; guess++ {
		if guess == 100 {
			t.Fatal("it may be guessed for ever")
		}
	}
	open := serve(t, adminport.Config{})
	response := open.browser(t, open.client(t, 1, nil)).logIn(t, "x")
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusNotFound || !strings.Contains(string(body), "nobody is asked") {
		t.Errorf("where nobody is asked: %s, %q", response.Status, body)
	}
}

func TestCookiesOverTLSAreForItAlone(t *testing.T) {
	file, tokens := roleTokens(t)
	authority := certtest.NewAuthority(t)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs, TLS: serverTLS(t, authority, nil)})
	w := b.browser(t, b.client(t, 1, clientTLS(authority)))
	opened := w.logIn(t, tokens[adminport.Viewer])
	if c := opened.Cookies(); len(c) != 1 || !c[0].Secure || !strings.HasPrefix(c[0].Name, "__Host-") {
		t.Fatalf("%s, %v", opened.Status, c)
	}
	if got := w.send(t, http.MethodPost, "/see", "", nil).StatusCode; got != http.StatusOK {
		t.Errorf("with a session: %d", got)
	}
}

// TestACookieOfAnotherPortIsNoObstacle: browsers send it along, and it may stand first.
func TestACookieOfAnotherPortIsNoObstacle(t *testing.T) {
	file, tokens := roleTokens(t)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs})
	w := b.browser(t, b.client(t, 1, nil))
	cookie := w.logIn(t, tokens[adminport.Viewer]).Cookies()[0]
	w.Jar = nil
	status := func(method, path, cookies string) int {
		t.Helper()
		return w.send(t, method, path, "{}", map[string]string{"Cookie": cookies}).StatusCode
	}
	own, foreign := cookie.Name+"="+cookie.Value, cookie.Name+"=AAAA"
	if got := status(http.MethodPost, "/see", foreign+"; "+own); got != http.StatusOK {
		t.Errorf("with another cookie first: %d", got)
	}
	if got := status(http.MethodPost, "/see", strings.Repeat(foreign+"; ", 100)+own); got != http.StatusUnauthorized {
		t.Errorf("with very many: %d", got)
	}
	if got := status(http.MethodDelete, "/session", foreign+"; "+own); got != http.StatusNoContent {
		t.Errorf("logging out: %d", got)
	}
	if got := status(http.MethodPost, "/see", own); got != http.StatusUnauthorized {
		t.Errorf("after that: %d", got)
	}
}
