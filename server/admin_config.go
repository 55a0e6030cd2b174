package server

import (
	"fmt"
	"net"
	"strings"
)

const (
	defaultAdminAddr = "127.0.0.1:50052"
	// adminOff is the AdminAddr that stands for no admin listener.
	adminOff = "off"
	// unixPrefix makes the rest of an AdminAddr the path of a Unix socket.
	unixPrefix = "unix:"
)

// checkAdmin is check for the fields of the admin listener.
func (c *Config) checkAdmin() error {
	if c.AdminAddr == adminOff {
		return nil
	}
	if path, isUnix := strings.CutPrefix(c.AdminAddr, unixPrefix); isUnix {
		if path == "" || strings.HasPrefix(path, "@") { // "@": a name that is no file, which everybody could open
			return fmt.Errorf("--admin-addr %q names no file: write it as unix:/path/to/socket", c.AdminAddr)
		}
	} else if _, _, err := net.SplitHostPort(c.AdminAddr); err != nil {
		return fmt.Errorf("--admin-addr %q is no address: write it as host:port, for instance %s, as unix:/path/to/socket, or off",
			c.AdminAddr, defaultAdminAddr)
	}
	for _, host := range c.AdminHosts {
		if host == "" || strings.ContainsAny(host, "/@[] ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return fmt.Errorf("--admin-host %q is no host name: write it without scheme and port, for instance admin.example.org", host)
		}
	}
	return checkTLS(c.adminTLS())
}

func (c *Config) adminTLS() tlsFiles {
	return tlsFiles{flag: "--admin-tls-", cert: c.AdminTLSCert, key: c.AdminTLSKey, ca: c.AdminTLSCACert}
}

// checkAdminReach refuses to let other machines reach the admin listener when
// nothing would keep strangers out.
func (c *Config) checkAdminReach(addr net.Addr) error {
	tcp, isTCP := addr.(*net.TCPAddr)
	switch {
	case !isTCP, tcp.IP.IsLoopback(), c.AdminTLSCACert != "":
		return nil
	case c.AdminTokenFile != "" && c.AdminTLSCert != "":
		return nil
	case c.AdminTokenFile != "":
		return fmt.Errorf("--admin-addr %s can be reached from other machines, and tokens would get there in plain text: "+
			"add --admin-tls-cert and --admin-tls-key, or listen on %s or unix:PATH", c.AdminAddr, defaultAdminAddr)
	default:
		return fmt.Errorf("--admin-addr %s can be reached from other machines, and anybody there could steer the server: "+
			"ask for client certificates with --admin-tls-ca-cert, or for a token with --admin-token-file "+
			"(both with --admin-tls-cert and --admin-tls-key), or listen on %s or unix:PATH", c.AdminAddr, defaultAdminAddr)
	}
}
