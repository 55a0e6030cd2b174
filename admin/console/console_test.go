package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, url string, header map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range header {
		request.Header.Set(key, value)
	}
	response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func serve(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(NewHandler(http.NotFoundHandler()))
	t.Cleanup(server.Close)
	return server.URL
}

// TestTheAddressOfAViewIsThePage: a link to what a view shows opens it.
func TestTheAddressOfAViewIsThePage(t *testing.T) {
	url := serve(t)
	want := files()[index].plain
	for _, path := range []string{
		"/", "/runs?state=failed", "/runs/%3Cscript%3E", "/runs/a%2Fb", "/tasks", "/tasks/math::multiply", "/plugins",
		"/letters", "/queue", "/cluster", "/audit", "/index.html",
	} {
		response, body := get(t, url+path, nil)
		if response.StatusCode != http.StatusOK || body != want || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %s, %q", path, response.Status, body)
		}
		if got := response.Header.Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: its policy is %q", path, got)
		}
		if got := response.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: cached as %q, and a new server has another page", path, got)
		}
	}
	for _, path := range []string{"/run", "/runsx", "/assets/", "/assets", "/dist/index.html", "/../console.go", "/favicon"} {
		if response, _ := get(t, url+path, nil); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, response.Status)
		}
	}
	response, err := http.Post(url+"/runs", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("written to: %s", response.Status)
	}
}

func TestFilesAreCachedAndCompressed(t *testing.T) {
	url := serve(t)
	files()["assets/app-1.js"] = newFile("assets/app-1.js", []byte(strings.Repeat("let x = 1;\n", 100)))
	t.Cleanup(func() { delete(files(), "assets/app-1.js") })
	want := files()["assets/app-1.js"]

	plain, body := get(t, url+"/assets/app-1.js", nil)
	if body != want.plain || plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Content-Type") != "text/javascript; charset=utf-8" ||
		plain.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%v", plain.Header)
	}
	packed, body := get(t, url+"/assets/app-1.js", map[string]string{"Accept-Encoding": "br, gzip;q=0.8"})
	reader, err := gzip.NewReader(strings.NewReader(body))
	if err != nil || packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Fatalf("%v: %v", packed.Header, err)
	}
	if unpacked, err := io.ReadAll(reader); err != nil || string(unpacked) != want.plain || len(body) >= len(want.plain) {
		t.Errorf("%d bytes, unpacked %q: %v", len(body), unpacked, err)
	}
	if refused, body := get(t, url+"/assets/app-1.js", map[string]string{"Accept-Encoding": "gzip;q=0.0"}); body != want.plain {
		t.Errorf("who takes no gzip gets %v", refused.Header)
	}
	again, body := get(t, url+"/assets/app-1.js", map[string]string{"Accept-Encoding": "gzip", "If-None-Match": packed.Header.Get("ETag")})
	if again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("Content-Encoding") != "" {
		t.Errorf("what the browser has: %s, %v", again.Status, again.Header)
	}
	if changed, _ := get(t, url+"/assets/app-1.js", map[string]string{"If-None-Match": `"other"`}); changed.StatusCode != http.StatusOK {
		t.Errorf("what it has not: %s", changed.Status)
	}
}

// TestThePageIsSmall: it is to be there within a second on a slow line.
func TestThePageIsSmall(t *testing.T) {
	bytes := 0
	for _, f := range files() {
		if f.packed == "" {
			bytes += len(f.plain)
		}
		bytes += len(f.packed)
	}
	if most := 300 << 10; bytes > most {
		t.Errorf("it is %d bytes compressed, more than %d", bytes, most)
	}
}
