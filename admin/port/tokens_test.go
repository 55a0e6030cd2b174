package port_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/admin/port"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// expect checks what one who shows a token gets, in every protocol.
func (b *bench) expect(t *testing.T, authorization string, want bool, wantName string) {
	t.Helper()
	for _, options := range [][]connect.ClientOption{nil, {connect.WithGRPC()}, {connect.WithGRPCWeb()}} {
		name, _, err := b.who(t, nil, authorization, options...)
		switch {
		case want && (err != nil || name != wantName):
			t.Errorf("with %q: %q, %v; want %q", authorization, name, err, wantName)
		case !want && (connect.CodeOf(err) != connect.CodeUnauthenticated || !strings.Contains(err.Error(), "token file")):
			t.Errorf("with %q: %v, want UNAUTHENTICATED and why", authorization, err)
		}
	}
	response := b.get(t, "/metrics", authorization)
	status := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[want]
	if response.StatusCode != status || !want && response.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("/metrics with %q: %s", authorization, response.Status)
	}
}

func TestTokens(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "# of the office\nalice wonderland\nlonely\n", 0o600)
	b := serve(t, port.Config{TokenFile: file})
	if !b.AsksForToken() {
		t.Error("it asks for no token")
	}
	b.expect(t, "Bearer wonderland", true, "token alice")
	b.expect(t, "bearer lonely", true, "token of line 3")
	for _, wrong := range []string{"", "wonderland", "Bearer", "Bearer ", "Bearer alice", "Bearer Wonderland", "Bearer wonderlandx", "Basic wonderland", "Bearer alice wonderland"} {
		b.expect(t, wrong, false, "")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if got := b.get(t, path, ""); got.StatusCode != http.StatusOK {
			t.Errorf("%s wants a token: %s", path, got.Status)
		}
	}
}

func TestTokensAreReadAgain(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice wonderland\n", 0o600)
	b := serve(t, port.Config{TokenFile: file})
	b.expect(t, "Bearer wonderland", true, "token alice")
	for _, step := range []struct {
		change func() error
		ok     bool
	}{
		{func() error { writeFile(t, file, "bob builder\n", 0o600); return nil }, true},
		{func() error { return os.Chmod(file, 0o644) }, false}, // nobody, until that is put right
		{func() error { return os.Chmod(file, 0o600) }, true},
		{func() error { return os.Remove(file) }, false},
	} {
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		b.Reload()
		b.expect(t, "Bearer builder", step.ok, "token bob")
		b.expect(t, "Bearer wonderland", false, "")
	}
	if b.logs.lines("can't be used") != 2 {
		t.Errorf("the log has:\n%s", &b.logs.text)
	}
}

// A token on an open port needs TLS, and is asked for there too.
func TestTokensOverTLS(t *testing.T) {
	authority := certtest.NewAuthority(t)
	b := serve(t, port.Config{
		Addr: "0.0.0.0:0", TLS: serverTLS(t, authority, nil),
		TokenFile: writeFile(t, filepath.Join(t.TempDir(), "tokens"), "secret", 0o600),
	})
	for token, want := range map[string]connect.Code{"secret": 0, "wrong": connect.CodeUnauthenticated} {
		_, _, err := b.who(t, clientTLS(authority), "Bearer "+token)
		if (want == 0) != (err == nil) || err != nil && connect.CodeOf(err) != want {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestCertificateAndToken(t *testing.T) {
	authority := certtest.NewAuthority(t)
	b := serve(t, port.Config{
		TLS:       serverTLS(t, authority, authority),
		TokenFile: writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice secret", 0o600),
	})
	name, _, err := b.who(t, clientTLS(authority, authority.Issue(t, "ops").TLS(t)), "Bearer secret")
	if err != nil || name != "certificate CN=ops, token alice" {
		t.Errorf("got %q, %v", name, err)
	}
}
