package cmd

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// connection is the flags that say how to reach a server.
type connection struct {
	Server     string        `group:"Connection:" short:"s" default:"${addr}" placeholder:"HOST:PORT" help:"Server to call (default: ${addr})."`
	Encryption encryption    `embed:""`
	Config     client.Config `embed:""`
}

// encryption is the flags that say how to encrypt a connection.
type encryption struct {
	TLS           bool   `group:"Connection:" name:"tls" setting:"client-tls" help:"Encrypt the connection. The other --tls flags imply it."`
	TLSCACert     string `group:"Connection:" name:"tls-ca-cert" setting:"client-tls-ca-cert" placeholder:"FILE" help:"PEM file with the authorities that the server's certificate must come from (default: those of the system)."`
	TLSCert       string `group:"Connection:" name:"tls-cert" setting:"client-tls-cert" placeholder:"FILE" help:"PEM file with the certificate to show the server."`
	TLSKey        string `group:"Connection:" name:"tls-key" setting:"client-tls-key" secret:"" placeholder:"FILE" help:"PEM file with the private key for --tls-cert."`
	TLSServerName string `group:"Connection:" name:"tls-server-name" setting:"client-tls-server-name" placeholder:"NAME" help:"Name that the server's certificate must have (default: the host that is called)."`
}

// client returns a client for the server that the flags name.
func (c *connection) client() (*client.Client, error) {
	security, err := c.Encryption.security()
	if err != nil {
		return nil, err
	}
	config := c.Config
	config.Addr, config.TLS = c.Server, security
	connected, err := client.New(config)
	if err != nil {
		return nil, exit.Usagef("--server: want host:port, got %q", c.Server)
	}
	return connected, nil
}

// security returns nil for a connection in the clear.
func (e *encryption) security() (*tls.Config, error) {
	if !e.TLS && e.TLSCACert == "" && e.TLSCert == "" && e.TLSKey == "" && e.TLSServerName == "" {
		return nil, nil //nolint:nilnil // the client's way to say "no TLS"
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: e.TLSServerName}
	if e.TLSCACert != "" {
		text, err := readNamed("--tls-ca-cert", e.TLSCACert)
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(text) {
			return nil, exit.Usagef("--tls-ca-cert: no certificate in PEM form in %s", e.TLSCACert)
		}
	}
	if e.TLSCert == "" && e.TLSKey == "" {
		return cfg, nil
	}
	pair, err := e.certificate()
	if err != nil {
		return nil, err
	}
	cfg.Certificates = []tls.Certificate{pair}
	return cfg, nil
}

// certificate returns what the client shows of itself.
func (e *encryption) certificate() (tls.Certificate, error) {
	switch {
	case e.TLSKey == "":
		return tls.Certificate{}, exit.Usagef("--tls-cert needs --tls-key")
	case e.TLSCert == "":
		return tls.Certificate{}, exit.Usagef("--tls-key needs --tls-cert")
	}
	cert, err := readNamed("--tls-cert", e.TLSCert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readNamed("--tls-key", e.TLSKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, exit.Usagef("--tls-cert %s and --tls-key %s don't fit: %w", e.TLSCert, e.TLSKey, err)
	}
	return pair, nil
}

// readNamed reads the file that a flag names.
func readNamed(flag, name string) ([]byte, error) {
	text, err := reload.ReadFile(flag, name)
	if err != nil {
		return nil, exit.Usagef("%w", err)
	}
	return text, nil
}
