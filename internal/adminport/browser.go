package adminport

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sameOrigin is how browsers call a page and what it comes from.
const sameOrigin = "same-origin"

// A browserCheck finds requests that a page in an operator's browser may have
// sent. Reaching the port is proof enough on loopback and Unix sockets, and so
// it would be for such a page.
type browserCheck struct {
	// anyHost: the port is a Unix socket, to which no name leads.
	anyHost bool
	// anyIP: it listens on all addresses, whatever these are.
	anyIP bool
	hosts []string // what requests may call this server, besides loopback
}

func newBrowserCheck(config *Config, addr net.Addr) *browserCheck {
	tcp, isTCP := addr.(*net.TCPAddr)
	if !isTCP {
		return &browserCheck{anyHost: true}
	}
	host, _, _ := net.SplitHostPort(config.Addr) // it listens
	return &browserCheck{
		anyIP: tcp.IP.IsUnspecified(),
		hosts: append(slices.Clone(config.Hosts), tcp.IP.String(), host),
	}
}

// foreign says why a request may come from a page that is not ours, or "".
func (c *browserCheck) foreign(r *http.Request) string {
	if !c.knows(r.Host) {
		return "this server is not known by the name in the request's Host header: add it to Config.AdminHosts"
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
			return "pages of other origins may not call the admin service"
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", sameOrigin, "none":
		return ""
	default:
		return "pages of other sites may not call the admin service"
	}
}

// knows tells whether this server goes by that name. The pages of a site whose
// name leads here (DNS rebinding) send the site's.
func (c *browserCheck) knows(hostPort string) bool {
	if c.anyHost {
		return true
	}
	host := hostPort
	if name, _, err := net.SplitHostPort(hostPort); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	if ip := net.ParseIP(host); ip != nil {
		return c.anyIP || ip.IsLoopback() || slices.ContainsFunc(c.hosts, func(known string) bool {
			return ip.Equal(net.ParseIP(known))
		})
	}
	return strings.EqualFold(host, "localhost") || host != "" && slices.ContainsFunc(c.hosts, func(known string) bool {
		return strings.EqualFold(host, known)
	})
}
