package server

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/loader"
)

func TestListenRefusesAdminSettings(t *testing.T) {
	dir := t.TempDir()
	authority := certtest.NewAuthority(t)
	_, key := authority.Issue(t, "server").Write(t, dir)
	ca := authority.Write(t, dir)
	missing := filepath.Join(dir, "missing")
	for _, test := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"key without certificate", Config{AdminTLSKey: key}, "Config.AdminTLSKey needs"},
		{"authority alone", Config{AdminTLSCACert: ca}, "Config.AdminTLSCACert needs"},
		{"missing certificate", Config{AdminTLSCert: missing, AdminTLSKey: key}, missing},
		{"missing tokens", Config{AdminTokenFile: missing}, missing},
		{"every address", Config{AdminAddr: ":0"}, "Config.AdminTokenFile"},
		{"no address", Config{AdminAddr: "localhost"}, "host:port"},
		{"no address for probes", Config{ProbeAddr: "localhost"}, "Config.ProbeAddr"},
		{"plugins with the network", Config{PluginLimits: loader.Limits{Network: true}}, "Config.AdminTokenFile"},
		{
			"a plugin with the network",
			Config{PluginLimitsByName: map[string]loader.Limits{"camera": {Network: true}, "math": {}}},
			"plugin camera (Config.PluginLimitsByName) may use the network",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.cfg.AdminAddr == "" {
				test.cfg.AdminAddr = "127.0.0.1:0"
			}
			test.cfg.Addr, test.cfg.Logger = "127.0.0.1:0", slog.New(slog.DiscardHandler)
			s, err := Listen(test.cfg)
			if err == nil {
				serve(t, s)
				t.Fatal("Listen succeeded")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, test.want)
			}
		})
	}
}

// TestPluginsWithTheNetwork may be where operators show who they are, or where
// there are none.
func TestPluginsWithTheNetwork(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(tokens, []byte("alice 0123456789abcdef\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []Config{{AdminAddr: "off"}, {AdminAddr: "127.0.0.1:0", AdminTokenFile: tokens}} {
		cfg.PluginLimits.Network, cfg.LibraryDir = true, t.TempDir()
		serve(t, listenTest(t, cfg))
	}
}

// TestTwoServersOnOneMachine need no more than a port of their own each.
func TestTwoServersOnOneMachine(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:50051": "127.0.0.1:50052",
		":50061":          "127.0.0.1:50062",
		"[::1]:1":         "127.0.0.1:2",
		"127.0.0.1:0":     "127.0.0.1:0",
		":65535":          "127.0.0.1:0",
		"":                "127.0.0.1:50052",
	} {
		if got := (Config{Addr: addr}).withDefaults().AdminAddr; got != want {
			t.Errorf("beside %q: %s, want %s", addr, got, want)
		}
	}
	if got := (Config{AdminAddr: "unix:admin.sock"}).withDefaults().AdminAddr; got != "unix:admin.sock" {
		t.Errorf("got %s", got)
	}
	ports := make(map[string]bool)
	for range 2 {
		s, err := Listen(Config{Addr: "127.0.0.1:0", LibraryDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		serve(t, s)
		ports[s.Addr().String()], ports[s.AdminAddr().String()] = true, true
	}
	if len(ports) != 4 {
		t.Errorf("two servers listen on %v", ports)
	}
}

func TestNoAdminPort(t *testing.T) {
	s := listenTest(t, Config{AdminAddr: "off"})
	serve(t, s)
	if s.AdminAddr() != nil {
		t.Errorf("it listens on %v", s.AdminAddr())
	}
	if _, err := submit(t.Context(), dialGRPC(t, s.Addr(), nil), addition(t)); err != nil {
		t.Error(err)
	}
}

// resume has an operator make a change.
func resume(t *testing.T, client adminpbconnect.AdminServiceClient) {
	t.Helper()
	if _, err := client.Resume(t.Context(), &adminpb.ResumeRequest{}); err != nil {
		t.Error(err)
	}
}

// TestAuditNamesTheCaller: what an operator has shown at the port stands in the
// line of each change.
func TestAuditNamesTheCaller(t *testing.T) {
	t.Run("socket", func(t *testing.T) {
		dir, err := os.MkdirTemp("", "admin") //nolint:usetesting // a socket's path must be short
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		path := filepath.Join(dir, "admin.sock")
		b := newAdminBench(t, func(cfg *Config) { cfg.AdminAddr = "unix:" + path })
		resume(t, adminpbconnect.NewAdminServiceClient(overSocket(t, path), "http://unix"))
		want := fmt.Sprintf(`who="uid %d, pid %d" peer="unix socket" action=resume`, os.Getuid(), os.Getpid())
		if runtime.GOOS != "linux" { // others don't tell
			want = `who="unix socket" peer="unix socket" action=resume`
		}
		if !strings.Contains(b.logs.String(), want) {
			t.Errorf("no audit line has %s:\n%s", want, b.logs)
		}
	})
	t.Run("certificate and token", func(t *testing.T) {
		authority := certtest.NewAuthority(t)
		dir := t.TempDir()
		b := newAdminBench(t, func(cfg *Config) {
			cfg.AdminAddr = "0.0.0.0:0" // which it may, then
			cfg.AdminTLSCert, cfg.AdminTLSKey = authority.Issue(t, "server").Write(t, dir)
			cfg.AdminTLSCACert = authority.Write(t, dir)
			cfg.AdminTokenFile = filepath.Join(dir, "tokens")
			if err := os.WriteFile(cfg.AdminTokenFile, []byte("alice wonderland\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		})
		url := fmt.Sprintf("https://127.0.0.1:%d", b.AdminAddr().(*net.TCPAddr).Port)
		config := trust(authority, authority.Issue(t, "ops").TLS(t))
		resume(t, adminpbconnect.NewAdminServiceClient(bearerClient{newTransport(t, 2, config), "wonderland"}, url))
		client := adminpbconnect.NewAdminServiceClient(bearerClient{newTransport(t, 2, config), "wrong"}, url)
		if _, err := client.Resume(t.Context(), &adminpb.ResumeRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
			t.Errorf("with a wrong token: %v", err)
		}
		const want = `who="certificate CN=ops, token alice" peer=127.0.0.1:`
		if n := strings.Count(b.logs.String(), "msg=audit"); n != 1 || !strings.Contains(b.logs.String(), want) {
			t.Errorf("%d audit lines, want one with %s:\n%s", n, want, b.logs)
		}
	})
}

// bearerClient shows a token with each request.
type bearerClient struct {
	*http.Client

	token string
}

// Do makes a request.
func (c bearerClient) Do(request *http.Request) (*http.Response, error) {
	request.Header.Set("Authorization", "Bearer "+c.token)
	return c.Client.Do(request)
}
