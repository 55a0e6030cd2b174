package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

func writeTokens(t *testing.T, file, text string, mode fs.FileMode) string {
	t.Helper()
	next := file + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(next, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// getStatus is an rpc that changes nothing.
func getStatus(ctx context.Context, client adminpbconnect.AdminServiceClient) error {
	_, err := client.GetStatus(ctx, &adminpb.GetStatusRequest{})
	return err
}

func TestListenRefusesAnAdminPortForAll(t *testing.T) {
	dir := t.TempDir()
	authority := certtest.NewAuthority(t)
	cert, key := authority.Issue(t, "server").Write(t, dir)
	ca := authority.Write(t, dir)
	tokens := writeTokens(t, filepath.Join(dir, "tokens"), "secret\n", 0o600)
	open := writeTokens(t, filepath.Join(dir, "open"), "secret\n", 0o644)
	empty := writeTokens(t, filepath.Join(dir, "empty"), "# nothing\n\n", 0o600)
	wordy := writeTokens(t, filepath.Join(dir, "wordy"), "one two three\n", 0o600)
	missing := filepath.Join(dir, "missing")
	inUse := newAdminBench(t).AdminAddr().String()
	for _, test := range []struct {
		name string
		cfg  Config
		want []string
	}{
		{"every address", Config{AdminAddr: "0.0.0.0:0"}, []string{"--admin-tls-ca-cert", "--admin-token-file", "127.0.0.1:50052", "unix:PATH"}},
		{"every address, short", Config{AdminAddr: ":0"}, []string{"--admin-tls-ca-cert"}},
		{"certificate alone", Config{AdminAddr: ":0", AdminTLSCert: cert, AdminTLSKey: key}, []string{"--admin-tls-ca-cert", "--admin-token-file"}},
		{"plain token", Config{AdminAddr: ":0", AdminTokenFile: tokens}, []string{"plain text", "--admin-tls-cert", "--admin-tls-key"}},
		{"no port", Config{AdminAddr: "localhost"}, []string{"--admin-addr", `"localhost"`, "host:port", "off"}},
		{"port in use", Config{AdminAddr: inUse}, []string{"Config.AdminAddr", inUse, "in use"}},
		{"no socket", Config{AdminAddr: "unix:"}, []string{"--admin-addr", "unix:/path"}},
		{"abstract socket", Config{AdminAddr: "unix:@name"}, []string{"--admin-addr", "unix:/path"}},
		{"a file is there", Config{AdminAddr: "unix:" + tokens}, []string{tokens, "remove it", "--admin-addr"}},
		{"no folder for it", Config{AdminAddr: "unix:" + missing + "/socket"}, []string{missing, "--admin-addr"}},
		{"host with port", Config{AdminAddr: "127.0.0.1:0", AdminHosts: []string{"a.example:80"}}, []string{"--admin-host", "a.example:80"}},
		{"host with scheme", Config{AdminAddr: "127.0.0.1:0", AdminHosts: []string{"https://a.example"}}, []string{"--admin-host"}},
		{"key without certificate", Config{AdminAddr: "127.0.0.1:0", AdminTLSKey: key}, []string{"--admin-tls-key needs --admin-tls-cert"}},
		{"authority alone", Config{AdminAddr: "127.0.0.1:0", AdminTLSCACert: ca}, []string{"--admin-tls-ca-cert needs"}},
		{"missing certificate", Config{AdminAddr: "127.0.0.1:0", AdminTLSCert: missing, AdminTLSKey: key}, []string{"--admin-tls-cert: can't read", missing}},
		{"missing tokens", Config{AdminAddr: "127.0.0.1:0", AdminTokenFile: missing}, []string{"--admin-token-file", missing}},
		{"tokens for all to read", Config{AdminAddr: "127.0.0.1:0", AdminTokenFile: open}, []string{"--admin-token-file", open, "0644", "chmod 600"}},
		{"no tokens", Config{AdminAddr: "127.0.0.1:0", AdminTokenFile: empty}, []string{"--admin-token-file", empty, "no token"}},
		{"more than tokens", Config{AdminAddr: "127.0.0.1:0", AdminTokenFile: wordy}, []string{"--admin-token-file", "line 1", wordy}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.cfg.Addr, test.cfg.Logger = "127.0.0.1:0", slog.New(slog.DiscardHandler)
			s, err := Listen(test.cfg)
			if err == nil {
				serve(t, s)
				t.Fatal("Listen succeeded")
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

func TestAdminSocket(t *testing.T) {
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

	b := newAdminBench(t, func(cfg *Config) { cfg.AdminAddr = "unix:" + path })
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSocket || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket is %v, %v", info.Mode(), err)
	}
	client := adminpbconnect.NewAdminServiceClient(overSocket(t, path), "http://unix")
	if _, err := client.Drain(t.Context(), &adminpb.DrainRequest{}); err != nil {
		t.Errorf("Connect: %v", err)
	}
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Invoke(t.Context(), adminpbconnect.AdminServiceResumeProcedure, &adminpb.ResumeRequest{}, &adminpb.ResumeResponse{}); err != nil {
		t.Errorf("gRPC: %v", err)
	}
	if want := fmt.Sprintf(`who="uid %d, pid %d" peer="unix socket" action=drain`, os.Getuid(), os.Getpid()); !strings.Contains(b.logs.String(), want) {
		t.Errorf("no audit line has %s:\n%s", want, b.logs)
	}

	_, err = Listen(Config{Addr: "127.0.0.1:0", AdminAddr: "unix:" + path, Logger: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second server on the socket: %v", err)
	}
	conn.Close()
	b.stop()
	if _, err := os.Lstat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestAdminClientCertificates(t *testing.T) {
	authority, stranger := certtest.NewAuthority(t), certtest.NewAuthority(t)
	dir := t.TempDir()
	b := newAdminBench(t, func(cfg *Config) {
		cfg.AdminAddr = "0.0.0.0:0" // which it may, then
		cfg.AdminTLSCert, cfg.AdminTLSKey = authority.Issue(t, "server").Write(t, dir)
		cfg.AdminTLSCACert = authority.Write(t, dir)
	})
	url := fmt.Sprintf("https://127.0.0.1:%d", b.AdminAddr().(*net.TCPAddr).Port)
	for name, test := range map[string]struct {
		config *tls.Config
		ok     bool
	}{
		"right":                {trust(authority, authority.Issue(t, "ops").TLS(t)), true},
		"none":                 {trust(authority), false},
		"of another authority": {trust(authority, stranger.Issue(t, "ops").TLS(t)), false},
	} {
		client := adminpbconnect.NewAdminServiceClient(newTransport(t, 2, test.config), url)
		if _, err := client.Resume(t.Context(), &adminpb.ResumeRequest{}); (err == nil) != test.ok {
			t.Errorf("%s: %v, want success: %t", name, err, test.ok)
		}
	}
	if n := strings.Count(b.logs.String(), `who="certificate CN=ops" peer=127.0.0.1:`); n != 1 {
		t.Errorf("%d audit lines name the certificate's subject, want 1:\n%s", n, b.logs)
	}
}

func TestAdminTokens(t *testing.T) {
	file := writeTokens(t, filepath.Join(t.TempDir(), "tokens"), "# of the office\nalice wonderland\nlonely\n", 0o600)
	b := newAdminBench(t, func(cfg *Config) { cfg.AdminTokenFile = file })
	check := func(authorization string, want bool) {
		t.Helper()
		b.Server.admin.tokens.list.Refresh() // it looks once a second
		conn := dialGRPC(t, b.AdminAddr(), nil)
		err := conn.Invoke(metadata.AppendToOutgoingContext(t.Context(), "authorization", authorization),
			adminpbconnect.AdminServiceResumeProcedure, &adminpb.ResumeRequest{}, &adminpb.ResumeResponse{})
		switch {
		case want && err != nil:
			t.Errorf("gRPC with %q: %v", authorization, err)
		case !want && (status.Code(err) != codes.Unauthenticated || !strings.Contains(err.Error(), "--admin-token-file")):
			t.Errorf("gRPC with %q: %v, want UNAUTHENTICATED and why", authorization, err)
		}
		for path, content := range map[string]string{
			"/metrics": "", adminpbconnect.AdminServiceGetStatusProcedure: "application/json",
		} {
			request, _ := http.NewRequest(http.MethodGet, baseURL(b.AdminAddr(), false)+path, nil)
			if content != "" {
				request, _ = http.NewRequest(http.MethodPost, baseURL(b.AdminAddr(), false)+path, strings.NewReader("{}"))
				request.Header.Set("Content-Type", content)
			}
			request.Header.Set("Authorization", authorization)
			response, err := newTransport(t, 1, nil).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body := readAll(t, response)
			wantStatus := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[want]
			if response.StatusCode != wantStatus || !want && response.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s with %q: %s %s", path, authorization, response.Status, body)
			}
		}
	}
	check("Bearer wonderland", true)
	check("bearer lonely", true)
	for _, wrong := range []string{"", "wonderland", "Bearer", "Bearer ", "Bearer alice", "Bearer Wonderland", "Bearer wonderlandx", "Basic wonderland", "Bearer alice wonderland"} {
		check(wrong, false)
	}
	for _, who := range []string{`who="token alice"`, `who="token of line 3"`} {
		if !strings.Contains(b.logs.String(), who) {
			t.Errorf("no audit line has %s:\n%s", who, b.logs)
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := b.get(t, path); code == http.StatusUnauthorized {
			t.Errorf("%s wants a token: %d %s", path, code, body)
		}
	}

	writeTokens(t, file, "bob builder\n", 0o600)
	check("Bearer builder", true)
	check("Bearer wonderland", false)
	writeTokens(t, file, "bob builder\n", 0o644) // nobody, until that is put right
	check("Bearer builder", false)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	check("Bearer builder", true)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	check("Bearer builder", false)
}

// A token on an open port needs TLS, and is asked for there too.
func TestAdminTokensOverTLS(t *testing.T) {
	authority := certtest.NewAuthority(t)
	dir := t.TempDir()
	b := newAdminBench(t, func(cfg *Config) {
		cfg.AdminAddr = "0.0.0.0:0"
		cfg.AdminTLSCert, cfg.AdminTLSKey = authority.Issue(t, "server").Write(t, dir)
		cfg.AdminTokenFile = writeTokens(t, filepath.Join(dir, "tokens"), "secret", 0o600)
	})
	url := fmt.Sprintf("https://127.0.0.1:%d", b.AdminAddr().(*net.TCPAddr).Port)
	for token, want := range map[string]connect.Code{"secret": 0, "wrong": connect.CodeUnauthenticated} {
		client := adminpbconnect.NewAdminServiceClient(newTransport(t, 2, trust(authority)), url, connect.WithInterceptors(bearer(token)))
		if err := getStatus(t.Context(), client); (want == 0) != (err == nil) || err != nil && connect.CodeOf(err) != want {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func bearer(token string) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("Authorization", "Bearer "+token)
			return next(ctx, request)
		}
	})
}
