package server

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// certificates is the server's side of TLS. It re-reads its files when they
// change, so that a renewed certificate is used by the next handshake while
// the connections that are open go on.
type certificates struct {
	certFile, keyFile, caFile string
	logger                    *slog.Logger
	interval                  time.Duration // least time between two looks at the files

	current atomic.Pointer[tls.Config]

	checking sync.Mutex // held by the handshake that looks at the files
	checked  time.Time
	seen     []fileStamp // of the files as last read, whether they were good or not
}

// recheckInterval keeps a storm of handshakes from becoming a storm of stats.
const recheckInterval = time.Second

// loadCertificates reads the files that cfg names. Its errors name the flag to
// change.
func loadCertificates(cfg *Config) (*certificates, error) {
	c := &certificates{
		certFile: cfg.TLSCert, keyFile: cfg.TLSKey, caFile: cfg.TLSCACert,
		logger: cfg.Logger, interval: recheckInterval,
	}
	c.seen, c.checked = c.stamps(), time.Now()
	config, err := c.load(time.Now())
	if err != nil {
		return nil, err
	}
	c.current.Store(config)
	return c, nil
}

// serverConfig returns the configuration to listen with.
func (c *certificates) serverConfig() *tls.Config {
	config := baseTLSConfig()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c.refresh()
		return c.current.Load(), nil
	}
	// A resumed session would skip the check against the authorities of now.
	config.SessionTicketsDisabled = c.caFile != ""
	return config
}

func baseTLSConfig() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
}

// refresh reads the files again when they changed. What can't be used is
// logged once and changes nothing: a file may be half written, or the new
// certificate there before its key.
func (c *certificates) refresh() {
	if !c.checking.TryLock() {
		return // another handshake is looking
	}
	defer c.checking.Unlock()
	now := time.Now()
	if now.Sub(c.checked) < c.interval {
		return
	}
	c.checked = now
	stamps := c.stamps() // before reading: a change meanwhile is seen next time
	if sameFiles(stamps, c.seen) {
		return
	}
	c.seen = stamps
	config, err := c.load(now)
	if err != nil {
		c.logger.Warn("TLS files changed but can't be used, the former certificate stays", "error", err)
		return
	}
	c.current.Store(config)
	c.logger.Info("TLS files changed, new connections use them", "cert", c.certFile)
}

func (c *certificates) load(now time.Time) (*tls.Config, error) {
	config := baseTLSConfig()
	pair, err := loadPair(c.certFile, c.keyFile, now)
	if err != nil {
		return nil, err
	}
	config.Certificates = []tls.Certificate{pair}
	if c.caFile == "" {
		return config, nil
	}
	if config.ClientCAs, err = loadAuthorities(c.caFile); err != nil {
		return nil, err
	}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	config.SessionTicketsDisabled = true
	return config, nil
}

func loadPair(certFile, keyFile string, now time.Time) (tls.Certificate, error) {
	certPEM, err := readNamed("--tls-cert", certFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyPEM, err := readNamed("--tls-key", keyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if block, _ := pem.Decode(certPEM); block == nil {
		return tls.Certificate{}, fmt.Errorf("--tls-cert: %s holds no PEM block: give it a certificate as BEGIN CERTIFICATE … END CERTIFICATE", certFile)
	}
	if block, _ := pem.Decode(keyPEM); block == nil {
		return tls.Certificate{}, fmt.Errorf("--tls-key: %s holds no PEM block: give it a key as BEGIN PRIVATE KEY … END PRIVATE KEY", keyFile)
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return pair, fmt.Errorf("--tls-cert %s and --tls-key %s don't fit: name a certificate and its own, unencrypted key (%w)", certFile, keyFile, err)
	}
	switch leaf := pair.Leaf; {
	case now.After(leaf.NotAfter):
		return pair, fmt.Errorf("--tls-cert: %s expired on %s: renew it", certFile, leaf.NotAfter.Format(time.RFC3339))
	case now.Before(leaf.NotBefore):
		return pair, fmt.Errorf("--tls-cert: %s is not valid before %s: check the clock, or use another one", certFile, leaf.NotBefore.Format(time.RFC3339))
	}
	return pair, nil
}

func loadAuthorities(file string) (*x509.CertPool, error) {
	text, err := readNamed("--tls-ca-cert", file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--tls-ca-cert: %s holds no certificate: name the PEM file of the authority that signs clients' certificates", file)
	}
	return pool, nil
}

// readNamed reads the file that a flag names.
func readNamed(flag, name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if err == nil {
		return content, nil
	}
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the name stands in the message already
	}
	return nil, fmt.Errorf("%s: can't read %s (%w): check its name and permissions", flag, name, err)
}

// A fileStamp tells versions of a file apart. It follows symbolic links, so it
// changes too when a link is pointed at a new directory, as Kubernetes does.
type fileStamp struct {
	info fs.FileInfo // nil: the file isn't there
}

func (c *certificates) stamps() []fileStamp {
	stamps := make([]fileStamp, 0, 3)
	for _, name := range []string{c.certFile, c.keyFile, c.caFile} {
		info, err := os.Stat(name)
		if err != nil {
			info = nil
		}
		stamps = append(stamps, fileStamp{info})
	}
	return stamps
}

func sameFiles(a, b []fileStamp) bool {
	for i := range a {
		x, y := a[i].info, b[i].info
		if (x == nil) != (y == nil) {
			return false
		}
		if x != nil && (!os.SameFile(x, y) || x.Size() != y.Size() || !x.ModTime().Equal(y.ModTime())) {
			return false
		}
	}
	return true
}
