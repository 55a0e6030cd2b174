// Package adminport is where operators come in: the listener of the admin service,
// and who may use it. What is neither loopback nor a Unix socket asks for a
// certificate or a token; a page in an operator's browser gets in nowhere.
//
// Its errors name fields of the server's Config, which these settings are part
// of.
package adminport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/listen"
)

// Config says where operators come in, and what they must show.
type Config struct {
	// Addr is host and port, or "unix:PATH" for a Unix socket, which only this
	// user may open.
	Addr string
	// TLS is what connections are encrypted with; nil: they are not. Its
	// ClientAuth says whether operators need a certificate.
	TLS *tls.Config
	// TokenFile names a file with a token on each line, with a name before it or
	// without, one of which every request must bear. Empty: none is needed.
	TokenFile string
	// RoleFile names a file with who may do what: names with roles and the digests of
	// tokens, or the subjects of certificates. Empty: who may come in is an admin.
	RoleFile string
	// Needs tells which role a path is for; Nobody: everybody gets it. Nil: Viewer.
	Needs func(path string) Role
	// Hosts are the names that requests may call this server by, besides
	// localhost and the address that it listens on.
	Hosts []string
	// Logger is told of those who were refused, and of changes of the files.
	Logger *slog.Logger
}

const addrSetting = "Config.AdminAddr"

// Check finds what is wrong without touching files or the network.
func (c *Config) Check() error {
	if path, isUnix := strings.CutPrefix(c.Addr, listen.UnixPrefix); isUnix {
		if path == "" || strings.HasPrefix(path, "@") { // "@": a name that is not a file, which everybody could open
			return fmt.Errorf("%s %q names no file: write it as unix:/path/to/socket", addrSetting, c.Addr)
		}
	} else if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("%s %q is not an address: write it as host:port, for instance 127.0.0.1:50052, as unix:/path/to/socket, or off",
			addrSetting, c.Addr)
	}
	for _, host := range c.Hosts {
		if host == "" || strings.ContainsAny(host, "/@[] ") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return fmt.Errorf("Config.AdminHosts: %q is not a host name: write it without scheme and port, for instance admin.example.org", host)
		}
	}
	return nil
}

// A Port is a listener for operators. [Port.Guard] must stand before what it
// serves, and [ConnContext] tell the requests about their connections.
type Port struct {
	net.Listener

	config   Config
	keys     *keys // nil: none is needed
	sessions sessions
}

// Listen opens the port, unless strangers could steer the server by it.
func Listen(config Config) (*Port, error) {
	p := &Port{config: config}
	var err error
	if p.keys, err = loadKeys(&config); err != nil {
		return nil, err
	}
	if p.Listener, err = listen.Open(addrSetting, config.Addr); err != nil {
		return nil, err
	}
	if err := config.checkReach(p.Addr()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// CheckFiles is Check for the files of tokens and roles, and for who could reach
// the address. It returns how many keys there are, and the names of tokens that can
// be guessed.
func (c *Config) CheckFiles() (keys int, short []string, err error) {
	for _, file := range c.keyFiles() {
		list, err := file.read()
		if err != nil {
			return 0, nil, err
		}
		keys += len(list)
		for _, k := range list {
			if k.subject == "" && !k.long {
				short = append(short, strings.TrimPrefix(k.name, tokenPrefix))
			}
		}
	}
	if strings.HasPrefix(c.Addr, listen.UnixPrefix) {
		return keys, short, nil
	}
	addr, err := net.ResolveTCPAddr("tcp", c.Addr)
	if err != nil {
		return keys, short, fmt.Errorf("%s %q is no address of this machine: %w", addrSetting, c.Addr, err)
	}
	return keys, short, c.checkReach(addr)
}

// checkReach refuses to let other machines reach an address when nothing would
// keep strangers out.
func (c *Config) checkReach(addr net.Addr) error {
	tcp, isTCP := addr.(*net.TCPAddr)
	security, tokens := c.TLS, c.TokenFile != "" || c.RoleFile != ""
	switch {
	case !isTCP, tcp.IP.IsLoopback(), security != nil && security.ClientAuth == tls.RequireAndVerifyClientCert:
		return nil
	case tokens && security != nil:
		return nil
	case tokens:
		return fmt.Errorf("%s %s can be reached from other machines, and tokens would get there in plain text: "+
			"set Config.AdminTLSCert and Config.AdminTLSKey, or listen on 127.0.0.1:50052 or unix:PATH", addrSetting, c.Addr)
	default:
		return fmt.Errorf("%s %s can be reached from other machines, and anybody there could steer the server: "+
			"ask for client certificates with Config.AdminTLSCACert, or for a token with Config.AdminTokenFile "+
			"(both with Config.AdminTLSCert and Config.AdminTLSKey), or listen on 127.0.0.1:50052 or unix:PATH",
			addrSetting, c.Addr)
	}
}

// WrongTokens is how many wrong tokens have been shown.
func (p *Port) WrongTokens() uint64 {
	if p.keys == nil {
		return 0
	}
	return p.keys.guesses.wrong.Load()
}

// Reload reads the files of tokens and roles again at once; a change counts within
// a second without it too.
func (p *Port) Reload() {
	if p.keys != nil {
		for _, file := range p.keys.files {
			file.Refresh()
		}
	}
}
