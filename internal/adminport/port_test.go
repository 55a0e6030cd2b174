package adminport_test

import (
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// serverTLS is what a server encrypts with. With clients it wants certificates
// of theirs.
func serverTLS(t *testing.T, authority, clients *certtest.Authority) *tls.Config {
	t.Helper()
	config := &tls.Config{
		Certificates: []tls.Certificate{authority.Issue(t, "server").TLS(t)},
		NextProtos:   []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
	}
	if clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, clients.Pool()
	}
	return config
}

func clientTLS(authority *certtest.Authority, certs ...tls.Certificate) *tls.Config {
	return &tls.Config{RootCAs: authority.Pool(), Certificates: certs, MinVersion: tls.VersionTLS12}
}

// TestListenRefuses lists what is wrong with a port, and what the error must
// say of it.
func TestListenRefuses(t *testing.T) {
	dir := t.TempDir()
	authority := certtest.NewAuthority(t)
	tokens := writeFile(t, filepath.Join(dir, "tokens"), "secret\n", 0o600)
	open := writeFile(t, filepath.Join(dir, "open"), "secret\n", 0o644)
	empty := writeFile(t, filepath.Join(dir, "empty"), "# nothing\n\n", 0o600)
	wordy := writeFile(t, filepath.Join(dir, "wordy"), "one two three\n", 0o600)
	missing := filepath.Join(dir, "missing")
	inUse := serve(t, adminport.Config{}).Addr().String()
	for _, test := range []struct {
		name   string
		config adminport.Config
		want   []string
	}{
		{"every address", adminport.Config{Addr: "0.0.0.0:0"}, []string{"Config.AdminTLSCACert", "Config.AdminTokenFile", "127.0.0.1:50052", "unix:PATH"}},
		{"every address, short", adminport.Config{Addr: ":0"}, []string{"Config.AdminTLSCACert"}},
		{"certificate alone", adminport.Config{Addr: ":0", TLS: serverTLS(t, authority, nil)}, []string{"Config.AdminTLSCACert", "Config.AdminTokenFile"}},
		{"plain token", adminport.Config{Addr: ":0", TokenFile: tokens}, []string{"plain text", "Config.AdminTLSCert", "Config.AdminTLSKey"}},
		{"no port", adminport.Config{Addr: "localhost"}, []string{"Config.AdminAddr", `"localhost"`, "host:port", "off"}},
		{"port in use", adminport.Config{Addr: inUse}, []string{"Config.AdminAddr", inUse, "in use"}},
		{"no socket", adminport.Config{Addr: "unix:"}, []string{"Config.AdminAddr", "unix:/path"}},
		{"abstract socket", adminport.Config{Addr: "unix:@name"}, []string{"Config.AdminAddr", "unix:/path"}},
		{"a file is there", adminport.Config{Addr: "unix:" + tokens}, []string{tokens, "remove it", "Config.AdminAddr"}},
		{"no folder for it", adminport.Config{Addr: "unix:" + missing + "/socket"}, []string{missing, "Config.AdminAddr"}},
		{"host with port", adminport.Config{Addr: "127.0.0.1:0", Hosts: []string{"a.example:80"}}, []string{"Config.AdminHosts", "a.example:80"}},
		{"host with scheme", adminport.Config{Addr: "127.0.0.1:0", Hosts: []string{"https://a.example"}}, []string{"Config.AdminHosts"}},
		{"missing tokens", adminport.Config{Addr: "127.0.0.1:0", TokenFile: missing}, []string{"Config.AdminTokenFile", missing}},
		{"tokens for all to read", adminport.Config{Addr: "127.0.0.1:0", TokenFile: open}, []string{"Config.AdminTokenFile", open, "0644", "chmod 600"}},
		{"no tokens", adminport.Config{Addr: "127.0.0.1:0", TokenFile: empty}, []string{"Config.AdminTokenFile", empty, "no token"}},
		{"more than tokens", adminport.Config{Addr: "127.0.0.1:0", TokenFile: wordy}, []string{"Config.AdminTokenFile", "line 1", wordy}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.config.Logger = slog.New(slog.DiscardHandler)
			err := test.config.Check()
			if err == nil {
				var p *adminport.Port
				if p, err = adminport.Listen(test.config); err == nil {
					p.Close()
					t.Fatal("Listen succeeded")
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error should contain %q: %v", want, err)
				}
			}
		})
	}
}

func TestSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "admin") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "admin.sock")
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: path}) // by a server that was killed
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	left.Close()

	b := serve(t, adminport.Config{Addr: "unix:" + path})
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSocket || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	want := ""
	if runtime.GOOS == "linux" {
		want = fmt.Sprintf("uid %d, pid %d", os.Getuid(), os.Getpid())
	}
	for _, options := range [][]connect.ClientOption{nil, {connect.WithGRPC()}} {
		name, peer, err := b.who(t, nil, "", options...)
		if err != nil || name != want || peer != "unix socket" {
			t.Errorf("got %q, %q, %v; want %q", name, peer, err, want)
		}
	}
	_, err = adminport.Listen(adminport.Config{Addr: "unix:" + path, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second server on the socket: %v", err)
	}
	b.stop()
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestClientCertificates(t *testing.T) {
	authority, stranger := certtest.NewAuthority(t), certtest.NewAuthority(t)
	b := serve(t, adminport.Config{Addr: "0.0.0.0:0", TLS: serverTLS(t, authority, authority)}) // which it may, then
	for name, test := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"right":                {clientTLS(authority, authority.Issue(t, "ops").TLS(t)), true},
		"none":                 {clientTLS(authority), false},
		"of another authority": {clientTLS(authority, stranger.Issue(t, "ops").TLS(t)), false},
	} {
		who, peer, err := b.who(t, test.config, "")
		if (err == nil) != test.ok || test.ok && (who != "certificate CN=ops" || !strings.HasPrefix(peer, "127.0.0.1:")) {
			t.Errorf("%s: %q, %q, %v; want success: %t", name, who, peer, err, test.ok)
		}
	}
}
