package server

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// tlsFiles are the names of the files that one listener's TLS is made of, and
// how the settings begin that name them.
type tlsFiles struct{ setting, cert, key, ca string }

func checkTLS(f tlsFiles) error {
	switch {
	case f.cert != "" && f.key == "":
		return fmt.Errorf("%[1]sCert needs %[1]sKey: name the file of the certificate's key too", f.setting)
	case f.key != "" && f.cert == "":
		return fmt.Errorf("%[1]sKey needs %[1]sCert: name the file of the key's certificate too", f.setting)
	case f.ca != "" && f.cert == "":
		return fmt.Errorf("%[1]sCACert needs %[1]sCert and %[1]sKey: clients' certificates are verified over TLS only", f.setting)
	default:
		return nil
	}
}

// certificates is the server's side of TLS. It re-reads its files when they
// change, so that a renewed certificate is used by the next handshake while
// the connections that are open go on.
type certificates struct {
	files  tlsFiles
	config *reload.Value[*tls.Config]
}

// loadCertificates reads the files. Its errors name the setting to change.
func loadCertificates(files tlsFiles, logger *slog.Logger) (*certificates, error) {
	config, err := reload.New(reload.Source[*tls.Config]{
		Files: []string{files.cert, files.key, files.ca},
		Read: func() (*tls.Config, error) {
			if err := reload.CheckSecret(files.setting+"Key", files.key); err != nil {
				logger.Warn("other users can read the private key", "error", err)
			}
			return loadConfig(files, time.Now())
		},
		// Files that can't be used change nothing: a file may be half written, or the
		// new certificate there before its key.
		Changed: func(was, read *tls.Config, err error) *tls.Config {
			if err != nil {
				logger.Warn("TLS files changed but can't be used, the former certificate stays", "error", err)
				return was
			}
			logger.Info("TLS files changed, new connections use them", "cert", files.cert)
			return read
		},
	})
	if err != nil {
		return nil, err
	}
	return &certificates{files, config}, nil
}

// serverConfig returns the configuration to listen with; without certificates
// (c is nil) that is nil, for plain text.
func (c *certificates) serverConfig() *tls.Config {
	if c == nil {
		return nil
	}
	config := baseTLSConfig()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return c.config.Get(), nil
	}
	if c.files.ca != "" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		// A resumed session would skip the check against the authorities of now.
		config.SessionTicketsDisabled = true
	}
	return config
}

// refresh reads the files at once, if there are any and they changed.
func (c *certificates) refresh() {
	if c != nil {
		c.config.Refresh()
	}
}

// mode says in the log what is asked of clients.
func (c *certificates) mode() string {
	switch {
	case c == nil:
		return "off"
	case c.files.ca == "":
		return "on"
	default:
		return "on, client certificates required"
	}
}

func baseTLSConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

func loadConfig(files tlsFiles, now time.Time) (*tls.Config, error) {
	config := baseTLSConfig()
	pair, err := loadPair(files, now)
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{pair}
	if files.ca == "" {
		return config, nil
	}
	if config.ClientCAs, err = loadAuthorities(files); err != nil {
		return nil, err
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	config.SessionTicketsDisabled = true
	return config, nil
}

func loadPair(f tlsFiles, now time.Time) (tls.Certificate, error) {
	certPEM, err := reload.ReadFile(f.setting+"Cert", f.cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := reload.ReadFile(f.setting+"Key", f.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	if block, _ := pem.Decode(certPEM); block == nil {
		return tls.Certificate{}, fmt.Errorf("%sCert: %s holds no PEM block: give it a certificate as BEGIN CERTIFICATE … END CERTIFICATE", f.setting, f.cert)
	}
	if block, _ := pem.Decode(keyPEM); block == nil {
		return tls.Certificate{}, fmt.Errorf("%sKey: %s holds no PEM block: give it a key as BEGIN PRIVATE KEY … END PRIVATE KEY", f.setting, f.key)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return pair, fmt.Errorf("%[1]sCert %[2]s and %[1]sKey %[3]s don't fit: name a certificate and its own, unencrypted key (%[4]w)",
			f.setting, f.cert, f.key, err)
	}
	switch leaf := pair.Leaf; {
	case now.After(leaf.NotAfter):
		return pair, fmt.Errorf("%sCert: %s expired on %s: renew it", f.setting, f.cert, leaf.NotAfter.Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return pair, fmt.Errorf("%sCert: %s is not valid before %s: check the clock, or use another one", f.setting, f.cert, leaf.NotBefore.Format(time.RFC3339))
	}
	return pair, nil
}

func loadAuthorities(f tlsFiles) (*x509.CertPool, error) {
	text, err := reload.ReadFile(f.setting+"CACert", f.ca)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%sCACert: %s holds no certificate: name the PEM file of the authority that signs clients' certificates", f.setting, f.ca)
	}
	return pool, nil
}
