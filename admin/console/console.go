// Package console is the page by which operators see and steer a server in a
// browser. What it is made of is embedded: who builds the server needs Go alone.
//
// The page holds nothing secret, so who opens it is asked for no proof: what it
// shows comes by the rpcs of the admin service, which ask for that.
package console

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

// policy lets the page use what comes from its own origin, and nothing else: what a
// task or a client says can't become script, whatever the page makes of it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// views are the paths that the page shows something at; each may have more behind
// a slash. They are all the same file: its script looks at the address.
var views = []string{"runs", "tasks", "plugins", "letters", "queue", "cluster", "audit"}

// Serves tells whether the page, or a part of it, is at a path.
func Serves(path string) bool { return fileAt(path) != nil }

// fileAt returns what is at a path, or nil.
func fileAt(path string) *file {
	name := strings.TrimPrefix(path, "/")
	view, _, _ := strings.Cut(name, "/")
	if name == "" || slices.Contains(views, view) {
		name = index
	}
	return files()[name]
}

// NewHandler returns what serves the page, and elsewhere where there is nothing
// of it.
func NewHandler(elsewhere http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := fileAt(r.URL.Path)
		if f == nil {
			elsewhere.ServeHTTP(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this is a page: it can only be read", http.StatusMethodNotAllowed)
			return
		}
		f.serve(w, r)
	})
}

// serve answers with the file, compressed for those who understand it.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	content, tag := f.plain, f.tag
	if f.packed != "" && takesGzip(r.Header.Values("Accept-Encoding")) {
		content, tag = f.packed, f.packedTag
		w.Header().Set("Content-Encoding", "gzip")
	}
	header := w.Header()
	for name, value := range map[string]string{
		"Content-Type":                 f.contentType,
		"Cache-Control":                f.caching,
		"ETag":                         tag,
		"Vary":                         "Accept-Encoding",
		"Content-Security-Policy":      policy,
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		header.Set(name, value)
	}
	if matches(r.Header.Values("If-None-Match"), tag) {
		header.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Length", lengthOf(content))
	if r.Method == http.MethodGet {
		_, _ = io.WriteString(w, content) // the browser went away
	}
}

// takesGzip tells whether an Accept-Encoding allows gzip.
func takesGzip(values []string) bool {
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if coding = strings.TrimSpace(coding); strings.EqualFold(coding, "gzip") {
			_, q, weighted := strings.Cut(weight, "=")
			return !weighted || strings.Trim(strings.TrimSpace(q), "0.") != ""
		}
	}
	return false
}

// matches tells whether an If-None-Match names the tag.
func matches(values []string, tag string) bool {
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}
