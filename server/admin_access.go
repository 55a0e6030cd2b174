package server

import (
	"cmp"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/admin"
)

// An access lets requests through to the admin service. Reaching the listener
// is proof enough on loopback and Unix sockets, and so it would be for a page in
// an operator's browser; hence the checks of Host and Origin.
type access struct {
	next   http.Handler
	logger *slog.Logger
	// anyHost: the listener is a Unix socket, to which no name leads.
	anyHost bool
	// anyIP: it listens on all addresses, whatever these are.
	anyIP bool
	hosts []string // what requests may call this server, besides loopback
	// tokens are what requests must come with; nil: nothing.
	tokens *tokens
	errors *connect.ErrorWriter
}

// newAccess returns the access for a listener.
func newAccess(cfg *Config, addr net.Addr, tokens *tokens, next http.Handler) *access {
	a := &access{
		next: next, logger: cfg.Logger, tokens: tokens,
		hosts: slices.Clone(cfg.AdminHosts), errors: connect.NewErrorWriter(),
	}
	tcp, isTCP := addr.(*net.TCPAddr)
	if !isTCP {
		a.anyHost = true
		return a
	}
	a.anyIP = tcp.IP.IsUnspecified()
	host, _, _ := net.SplitHostPort(cfg.AdminAddr) // it listens
	a.hosts = append(a.hosts, tcp.IP.String(), host)
	return a
}

// probes are answered without a token: they tell no more than that the server
// runs, to those who watch over it and have no secrets.
var probes = []string{"/healthz", "/readyz"}

// ServeHTTP refuses a request or passes it on with its caller's name.
func (a *access) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if reason := a.foreign(r); reason != "" {
		a.log(r, reason)
		http.Error(w, reason, http.StatusForbidden)
		return
	}
	caller := callerOf(r)
	if a.tokens != nil && !slices.Contains(probes, r.URL.Path) {
		name, ok := a.tokens.check(r.Header.Get("Authorization"))
		if !ok {
			a.askForToken(w, r)
			return
		}
		caller.Name = strings.TrimPrefix(caller.Name+", token "+name, ", ")
	}
	a.next.ServeHTTP(w, r.WithContext(admin.WithCaller(r.Context(), caller)))
}

// foreign says why a request may come from a page in a browser that an
// operator has opened and that is not ours, or "".
func (a *access) foreign(r *http.Request) string {
	if !a.knows(r.Host) {
		return "this server is not known by the name in the request's Host header; --admin-host adds one"
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return "pages of other origins may not call the admin service"
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return ""
	default:
		return "pages of other sites may not call the admin service"
	}
}

// knows tells whether this server goes by that name. The pages of a site whose
// name leads here (DNS rebinding) send the site's.
func (a *access) knows(hostPort string) bool {
	if a.anyHost {
		return true
	}
	host := hostPort
	if name, _, err := net.SplitHostPort(hostPort); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if ip := net.ParseIP(host); ip != nil {
		return a.anyIP || ip.IsLoopback() || slices.ContainsFunc(a.hosts, func(known string) bool {
			return ip.Equal(net.ParseIP(known))
		})
	}
	return strings.EqualFold(host, "localhost") || host != "" && slices.ContainsFunc(a.hosts, func(known string) bool {
		return strings.EqualFold(host, known)
	})
}

func (a *access) askForToken(w http.ResponseWriter, r *http.Request) {
	const reason = "the admin service wants a token of its --admin-token-file, as the header Authorization: Bearer TOKEN"
	a.log(r, reason)
	w.Header().Set("WWW-Authenticate", "Bearer")
	if a.errors.IsSupported(r) {
		_ = a.errors.Write(w, r, connect.NewError(connect.CodeUnauthenticated, errors.New(reason))) // the caller went away
		return
	}
	http.Error(w, reason, http.StatusUnauthorized)
}

func (a *access) log(r *http.Request, reason string) {
	a.logger.DebugContext(r.Context(), "admin request refused", "peer", callerOf(r).Peer, "path", r.URL.Path,
		"host", r.Host, "reason", reason)
}

// callerOf returns who sends a request, as far as the connection tells.
func callerOf(r *http.Request) admin.Caller {
	caller := admin.Caller{Peer: r.RemoteAddr}
	if user, ok := r.Context().Value(peerUserKey{}).(string); ok {
		caller = admin.Caller{Peer: "unix socket", Name: user}
	}
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		subject := r.TLS.PeerCertificates[0].Subject.String()
		caller.Name = "certificate " + cmp.Or(subject, "without a subject")
	}
	return caller
}
