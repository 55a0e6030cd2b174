package adminport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"
)

// A guard lets requests through to the admin service.
type guard struct {
	port    *Port
	browser *browserCheck
	next    http.Handler
	errors  *connect.ErrorWriter
}

// Guard returns a handler that passes on to next the requests of those who may
// come in, with their [Caller].
func (p *Port) Guard(next http.Handler) http.Handler {
	return &guard{p, newBrowserCheck(&p.config, p.Addr()), next, connect.NewErrorWriter()}
}

// probes are answered without a token: they tell no more than that the server
// runs, to those who watch over it and have no secrets.
var probes = []string{"/healthz", "/readyz"}

// ServeHTTP refuses a request or passes it on.
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if reason := g.browser.foreign(r); reason != "" {
		g.log(r, reason)
		g.refuse(w, r, connect.NewError(connect.CodePermissionDenied, errors.New(reason)), http.StatusForbidden)
		return
	}
	caller := callerOf(r)
	if g.port.tokens != nil && !slices.Contains(probes, r.URL.Path) {
		name, wait, ok := g.port.tokens.check(r.Header.Get("Authorization"), caller.Peer)
		if !ok {
			g.askForToken(w, r, wait)
			return
		}
		caller.Name = strings.TrimPrefix(caller.Name+", token "+name, ", ")
	}
	g.next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
}

// errNoToken is what those hear who show no token, or none that counts.
var errNoToken = errors.New("operators need a token here: send one that is in the server's token file, " +
	"as the header Authorization: Bearer TOKEN")

// askForToken refuses a request that has none, or a wrong one. With a wait, too
// many wrong ones came from there.
func (g *guard) askForToken(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	err, code, status := errNoToken, connect.CodeUnauthenticated, http.StatusUnauthorized
	if wait > 0 {
		seconds := int(wait/time.Second) + 1
		err = fmt.Errorf("too many wrong tokens came from your address: try again in %d s", seconds)
		code, status = connect.CodeResourceExhausted, http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	} else {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	g.log(r, err.Error())
	g.refuse(w, r, connect.NewError(code, err), status)
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
