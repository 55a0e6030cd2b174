package adminport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"connectrpc.com/connect"
)

// A guard lets requests through to the admin service.
type guard struct {
	port    *Port
	browser *browserCheck
	next    http.Handler
	refused Refused
	errors  *connect.ErrorWriter
}

// Refused is called with a request's context, who makes it, its path, and why the
// caller may not.
type Refused func(ctx context.Context, caller Caller, path, reason string)

// Guard returns a handler that passes on to next the requests of those who may
// make them, with their [Caller]. It tells refused of those whose role is too small.
func (p *Port) Guard(next http.Handler, refused Refused) http.Handler {
	return &guard{p, newBrowserCheck(&p.config, p.Addr()), next, refused, connect.NewErrorWriter()}
}

// probes are answered without a token: they tell no more than that the server
// runs, to those who watch over it and have no secrets.
var probes = []string{"/healthz", "/readyz"}

// needed returns the role that a path is for.
func (p *Port) needed(path string) Role {
	switch {
	case slices.Contains(probes, path):
		return Nobody
	case p.config.Needs == nil:
		return Viewer
	default:
		return p.config.Needs(path)
	}
}

// harmless is what browsers are told of every answer, so that what somebody says in one
// is no page with scripts, and no other site's page shows or reads it. The page has a
// policy of its own.
var harmless = map[string]string{
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Resource-Policy": sameOrigin,
}

// ServeHTTP refuses a request or passes it on.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for name, value := range harmless {
		w.Header().Set(name, value)
	}
	if reason := g.browser.foreign(r); reason != "" {
		g.forbid(w, r, reason)
		return
	}
	if r.URL.Path == sessionPath {
		g.serveSession(w, r)
		return
	}
	need := g.port.needed(r.URL.Path)
	a, wait, err := g.admit(r, need)
	switch {
	case err != nil:
		g.askForToken(w, r, err, wait)
		return
	case a.caller.Role < need:
		reason := fmt.Sprintf("this takes the role %s, and %s has the role %s", need, a.caller.who(), a.caller.Role)
		g.refused(r.Context(), a.caller, r.URL.Path, reason)
		g.forbid(w, r, reason)
		return
	}
	ctx, over := g.whileAdmitted(r.Context(), &a, need)
	defer over()
	g.next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, callerKey{}, a.caller)))
}

// forbid refuses what a caller may not do, whatever it shows.
func (g *guard) forbid(w http.ResponseWriter, r *http.Request, reason string) {
	g.log(r, reason)
	g.refuse(w, r, connect.NewError(connect.CodePermissionDenied, errors.New(reason)), http.StatusForbidden)
}

// askForToken refuses a request that has none, or a wrong one. With a wait, too
// many wrong ones came from there.
func (g *guard) askForToken(w http.ResponseWriter, r *http.Request, why error, wait time.Duration) {
	code, status := connect.CodeUnauthenticated, http.StatusUnauthorized
	if wait > 0 {
		seconds := int(wait/time.Second) + 1
		why = fmt.Errorf("too many wrong tokens came from your address: try again in %d s", seconds)
		code, status = connect.CodeResourceExhausted, http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	} else {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	g.log(r, why.Error())
	g.refuse(w, r, connect.NewError(code, why), status)
}

// refuse tells a caller why, in the protocol that it speaks.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, err *connect.Error, status int) {
	if g.errors.IsSupported(r) {
		_ = g.errors.Write(w, r, err) // the caller went away
		return
	}
	http.Error(w, err.Message(), status)
}

func (g *guard) log(r *http.Request, reason string) {
	g.port.config.Logger.DebugContext(r.Context(), "admin request refused", "peer", callerOf(r).Peer, "path", r.URL.Path,
		"host", r.Host, "reason", reason)
}
