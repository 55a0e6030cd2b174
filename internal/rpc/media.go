package rpc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Explain tells those who call by hand, as with curl, which method and content
// type are wanted, where Connect's handler answers with a bare status. The
// procedures that are streams take other types than the rest.
func Explain(next http.Handler, streams ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		contentType := strings.ToLower(r.Header.Get("Content-Type"))
		stream := slices.Contains(streams, r.URL.Path)
		wanted := "Content-Type: application/json (or one of gRPC, gRPC-Web or Connect)"
		if stream {
			wanted = "Content-Type: application/connect+json, each message after five bytes, (or one of gRPC or gRPC-Web)"
		}
		switch r.Method {
		case http.MethodOptions:
			next.ServeHTTP(w, r)
		case http.MethodPost:
			if understood(contentType, stream) {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Accept-Post", "application/json, application/proto, application/grpc, application/grpc-web")
			refuse(w, http.StatusUnsupportedMediaType, fmt.Sprintf("want the header %s, got %q", wanted, contentType))
		default:
			if strings.Contains(r.URL.RawQuery, "encoding=") { // a GET of Connect's
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("want POST with the header %s, got %s", wanted, r.Method))
		}
	})
}

// understood tells whether a content type is one that Connect's handlers know.
func understood(contentType string, stream bool) bool {
	prefixes := []string{"application/grpc", "application/connect+", "application/json", "application/proto"}
	if stream {
		prefixes = prefixes[:2]
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(contentType, prefix) })
}

// refuse answers as Connect would, in JSON.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	text, err := json.Marshal(map[string]string{"code": "invalid_argument", "message": message})
	if err == nil {
		_, _ = w.Write(append(text, '\n')) // the client went away
	}
}
