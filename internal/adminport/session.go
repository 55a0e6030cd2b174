package adminport

import (
	"encoding/json"
	"errors"
	"mime"
	"net"
	"net/http"
	"time"
)

// sessionPath is where a browser exchanges a token for a session, and ends it.
const sessionPath = "/session"

// maxLogin bounds a request for a session, in bytes.
const maxLogin = 4 << 10

// serveSession opens a session for who sends a token by POST, and ends it by
// DELETE. The cookie is for this port alone: its name tells it from those of other
// ports of the host, which browsers send along.
func (g *guard) serveSession(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case g.port.keys == nil:
		http.Error(w, "nobody is asked for a token here, so there are no sessions", http.StatusNotFound)
	case r.Method == http.MethodDelete:
		for _, cookie := range g.cookiesOf(r) {
			g.port.sessions.end(cookie.Value)
		}
		http.SetCookie(w, g.newCookie(r, "", time.Unix(1, 0)))
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPost:
		g.logIn(w, r)
	default:
		w.Header().Set("Allow", "POST, DELETE")
		http.Error(w, "POST a token, or DELETE the session", http.StatusMethodNotAllowed)
	}
}

func (g *guard) logIn(w http.ResponseWriter, r *http.Request) {
	token, err := tokenOf(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	k, wait, ok := g.port.keys.check(token, callerOf(r).Peer)
	if !ok {
		g.askForToken(w, r, errWrongToken, wait)
		return
	}
	cookie, ends := g.port.sessions.open(&k, time.Now())
	http.SetCookie(w, g.newCookie(r, cookie, ends))
	g.port.config.Logger.InfoContext(r.Context(), "admin session begun",
		"who", k.name, "peer", callerOf(r).Peer, "role", k.role.String())
	w.WriteHeader(http.StatusNoContent)
}

// tokenOf returns the token of a request for a session. Its type is one that no
// page of another origin may send.
func tokenOf(w http.ResponseWriter, r *http.Request) (string, error) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return "", errors.New(`send {"token": "…"} with Content-Type: application/json`)
	}
	var login struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxLogin)).Decode(&login); err != nil || login.Token == "" {
		return "", errors.New(`send {"token": "…"}`)
	}
	return login.Token, nil
}

// maxCookies is how many cookies of the session's name are looked at.
const maxCookies = 8

// sessionOf returns the session of a request, if it has one that counts, and what the
// cookie has.
func (g *guard) sessionOf(r *http.Request) (found session, cookie string, ok bool) {
	if !fromOwnPage(r) {
		return found, "", false
	}
	for _, c := range g.cookiesOf(r) {
		if found, ok = g.port.sessions.find(c.Value, time.Now()); ok {
			return found, c.Value, true
		}
	}
	return found, "", false
}

// cookiesOf returns a request's cookies that may stand for sessions. Without TLS whoever
// listens at another port of the host can give browsers more of the name, and before ours.
func (g *guard) cookiesOf(r *http.Request) []*http.Cookie {
	cookies := r.CookiesNamed(g.cookieName(r))
	return cookies[:min(len(cookies), maxCookies)]
}

// fromOwnPage tells whether a request that may change something was sent by our
// page: a browser sends the cookie along whoever has made it send the request.
// That an origin is ours was looked at before.
func fromOwnPage(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead ||
		r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") == sameOrigin
}

func (g *guard) cookieName(r *http.Request) string {
	name := "task-scheduler-session"
	if tcp, ok := g.port.Addr().(*net.TCPAddr); ok {
		_, number, _ := net.SplitHostPort(tcp.String()) // it is one
		name += "-" + number
	}
	if r.TLS != nil {
		return "__Host-" + name // which browsers take from this host alone
	}
	return name
}

func (g *guard) newCookie(r *http.Request, value string, ends time.Time) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // without TLS it comes from this machine alone, and browsers would drop a Secure one
		Name: g.cookieName(r), Value: value, Path: "/", Expires: ends,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
}
