package server

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"
	"golang.org/x/net/http/httpguts"
)

// preflightAge is for how many seconds browsers may remember what CORS allows.
const preflightAge = 7200

// checkCORS finds what no browser could send, and what lets in more than it
// seems to.
func (c *Config) checkCORS() error {
	for _, origin := range c.CORSOrigins {
		if reason := wrongOrigin(origin); reason != "" {
			return fmt.Errorf("Config.CORSOrigins: %q %s", origin, reason)
		}
	}
	for _, header := range c.CORSHeaders {
		if !httpguts.ValidHeaderFieldName(header) {
			return fmt.Errorf("Config.CORSHeaders: %q is not a header's name: write one, for instance authorization", header)
		}
	}
	return nil
}

// wrongOrigin says what is wrong with an origin, or "".
func wrongOrigin(origin string) string {
	if origin == "*" {
		return ""
	}
	const isNone = "is not an origin: write scheme and host, for instance https://example.com or https://*.example.com, or * for all"
	u, err := url.Parse(strings.Replace(origin, "*", "x", 1))
	switch {
	case strings.Count(origin, "*") > 1, err != nil:
		return isNone
	case u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return isNone
	}
	_, host, _ := strings.Cut(origin, "://")
	switch {
	case !strings.Contains(origin, "*"):
		return ""
	case host == "*":
		return "would let in the pages of every site: write * if that is meant, or name them, for instance https://*.example.com"
	case !strings.HasPrefix(host, "*."):
		return "would let in pages of others' sites: * stands for the beginning of a name, up to a dot, as in https://*.example.com"
	}
	return ""
}

// allowOrigins lets pages of cfg's origins call next. Without origins browsers
// let none.
func allowOrigins(cfg *Config, next http.Handler) http.Handler {
	if len(cfg.CORSOrigins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: cfg.CORSOrigins,
		AllowedMethods: connectcors.AllowedMethods(),
		AllowedHeaders: slices.Concat(connectcors.AllowedHeaders(), cfg.CORSHeaders),
		ExposedHeaders: connectcors.ExposedHeaders(),
		MaxAge:         preflightAge,
	}).Handler(next)
}
