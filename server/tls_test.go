package server

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

// probe opens a connection and makes a request on it.
func probe(tb testing.TB, s *Server, config *tls.Config) error {
	tb.Helper()
	client := newTransport(tb, 2, config)
	response, err := client.Get(baseURL(s.Addr(), true))
	if err == nil {
		readAll(tb, response)
	}
	return err
}

func trust(authority *certtest.Authority, clientCerts ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: authority.Pool(), Certificates: clientCerts, MinVersion: tls.VersionTLS12}
}

func TestServerCertificate(t *testing.T) {
	authority := certtest.NewAuthority(t)
	var cfg Config
	cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, t.TempDir())
	s := listenTest(t, cfg)
	serve(t, s)

	if err := probe(t, s, trust(authority)); err != nil {
		t.Errorf("a client that trusts the authority: %v", err)
	}
	if err := probe(t, s, trust(certtest.NewAuthority(t))); err == nil {
		t.Error("a client that trusts another authority was satisfied")
	}
	if _, err := submit(t.Context(), dialGRPC(t, s.Addr(), nil), addition(t)); err == nil {
		t.Error("a plain-text call succeeded")
	}
	for version, want := range map[uint16]bool{
		tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true,
	} {
		config := trust(authority)
		config.MinVersion, config.MaxVersion = version, version
		conn, err := tls.Dial("tcp", s.Addr().String(), config)
		if err == nil {
			conn.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: %v; want it to be accepted: %t", tls.VersionName(version), err, want)
		}
	}
}

func TestClientCertificates(t *testing.T) {
	authority, stranger := certtest.NewAuthority(t), certtest.NewAuthority(t)
	dir := t.TempDir()
	cfg := Config{TLSCACert: authority.Write(t, dir)}
	cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, dir)
	s := listenTest(t, cfg)
	serve(t, s)

	for _, test := range []struct {
		name   string
		config *tls.Config
		ok     bool
	}{
		{"right", trust(authority, authority.Issue(t, "client").TLS(t)), true},
		{"none", trust(authority), false},
		{"of another authority", trust(authority, stranger.Issue(t, "client").TLS(t)), false},
		{"expired", trust(authority, authority.IssueUntil(t, "client", time.Now().Add(-time.Minute)).TLS(t)), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := probe(t, s, test.config); (err == nil) != test.ok {
				t.Errorf("got %v, want success: %t", err, test.ok)
			}
			response, err := submit(t.Context(), dialGRPC(t, s.Addr(), test.config), addition(t))
			if (err == nil && response.GetResult() == "6") != test.ok {
				t.Errorf("gRPC: got %v, %v; want success: %t", response, err, test.ok)
			}
		})
	}
}

// probeAfresh is probe, with the files as they are now: the server looks at
// them once a second.
func probeAfresh(t *testing.T, s *Server, config *tls.Config) error {
	t.Helper()
	s.clients.certs.config.Refresh()
	return probe(t, s, config)
}

func TestRotatedCertificatesDropNoConnection(t *testing.T) {
	before, after := certtest.NewAuthority(t), certtest.NewAuthority(t)
	dir := t.TempDir()
	cfg := Config{TLSCACert: before.Write(t, dir)}
	cfg.TLSCert, cfg.TLSKey = before.Issue(t, "server").Write(t, dir)
	s := listenTest(t, cfg)
	serve(t, s)

	oldConfig := trust(before, before.Issue(t, "client").TLS(t))
	newConfig := trust(after, after.Issue(t, "client").TLS(t))
	open := newTransport(t, 2, oldConfig)
	served := func() *tls.ConnectionState {
		t.Helper()
		response, err := open.Get(baseURL(s.Addr(), true))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, response)
		return response.TLS
	}
	first := served()

	// The certificate arrives before its key: the old pair goes on.
	renewed := after.Issue(t, "server")
	if err := os.WriteFile(cfg.TLSCert, renewed.Cert, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := probeAfresh(t, s, oldConfig); err != nil {
		t.Errorf("while only the certificate is new: %v", err)
	}

	renewed.Write(t, dir)
	after.Write(t, dir)
	if err := probeAfresh(t, s, newConfig); err != nil {
		t.Errorf("a new connection after the rotation: %v", err)
	}
	if err := probeAfresh(t, s, oldConfig); err == nil {
		t.Error("a client of the former authority could connect after the rotation")
	}
	if again := served(); !again.PeerCertificates[0].Equal(first.PeerCertificates[0]) {
		t.Error("the open connection was dropped by the rotation")
	}
}

func TestRotationThroughSymbolicLink(t *testing.T) {
	// As Kubernetes mounts a secret: the files are links into ..data, which is
	// a link that is replaced.
	dir := t.TempDir()
	version := func(name string, authority *certtest.Authority) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		authority.Issue(t, "server").Write(t, filepath.Join(dir, name))
		if err := os.Symlink(name, filepath.Join(dir, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	before, after := certtest.NewAuthority(t), certtest.NewAuthority(t)
	version("..1", before)
	cfg := Config{TLSCert: filepath.Join(dir, "..data", "cert.pem"), TLSKey: filepath.Join(dir, "..data", "key.pem")}
	s := listenTest(t, cfg)
	serve(t, s)
	if err := probeAfresh(t, s, trust(before)); err != nil {
		t.Fatal(err)
	}
	version("..2", after)
	if err := probeAfresh(t, s, trust(after)); err != nil {
		t.Errorf("after the link was replaced: %v", err)
	}
}

func TestBrokenRotationKeepsCertificateAndLogsOnce(t *testing.T) {
	authority := certtest.NewAuthority(t)
	var logs logtest.Buffer
	cfg := Config{Logger: logs.Logger(slog.LevelInfo)}
	cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, t.TempDir())
	s := listenTest(t, cfg)
	serve(t, s)

	expired := authority.IssueUntil(t, "server", time.Now().Add(-time.Minute))
	for _, broken := range []struct {
		cert []byte
		want string
	}{
		{expired.Cert, "don't fit"}, // with the old key
		{[]byte("half a certi"), "no PEM block"},
		{nil, "can't read"},
	} {
		_ = os.Remove(cfg.TLSCert)
		if broken.cert != nil {
			if err := os.WriteFile(cfg.TLSCert, broken.cert, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if err := probeAfresh(t, s, trust(authority)); err != nil {
				t.Errorf("with a new certificate that can't be used: %v", err)
			}
		}
		if n := strings.Count(logs.String(), broken.want); n != 1 {
			t.Errorf("%q stands in the log %d times, want once:\n%s", broken.want, n, logs.String())
		}
	}
}

func TestHandshakeProbesMakeNoNoise(t *testing.T) {
	var logs logtest.Buffer
	authority := certtest.NewAuthority(t)
	cfg := Config{Logger: logs.Logger(slog.LevelInfo)}
	cfg.TLSCert, cfg.TLSKey = authority.Issue(t, "server").Write(t, t.TempDir())
	s := listenTest(t, cfg)
	stop := serve(t, s)
	if err := probe(t, s, trust(certtest.NewAuthority(t))); err == nil {
		t.Error("the handshake succeeded")
	}
	if response, err := http.Get(baseURL(s.Addr(), false)); err == nil {
		readAll(t, response)
	}
	http.DefaultClient.CloseIdleConnections()
	stop()
	if strings.Contains(logs.String(), "handshake") {
		t.Errorf("the log has:\n%s", logs.String())
	}
}
