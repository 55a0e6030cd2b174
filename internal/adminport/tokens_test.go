package adminport_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
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
	status, header := b.get(t, "/metrics", authorization)
	wanted := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[want]
	if status != wanted || !want && header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("/metrics with %q: %d", authorization, status)
	}
}

func TestTokens(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "# of the office\nalice wonderland\nlonely\n", 0o600)
	b := serve(t, adminport.Config{TokenFile: file})
	b.expect(t, "Bearer wonderland", true, "token alice")
	b.expect(t, "bearer lonely", true, "token of line 3")
	for _, wrong := range []string{"", "wonderland", "Bearer", "Bearer ", "Basic wonderland", "Bearer alice wonderland", "Bearer Wonderland"} {
		b.expect(t, wrong, false, "")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := b.get(t, path, ""); status != http.StatusOK {
			t.Errorf("%s wants a token: %d", path, status)
		}
	}
}

func TestTokensAreReadAgain(t *testing.T) {
	file := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice wonderland\n", 0o600)
	b := serve(t, adminport.Config{TokenFile: file})
	b.expect(t, "Bearer wonderland", true, "token alice")
	writeFile(t, file, "alice wonderlands\n", 0o600)
	b.Reload()
	if _, _, err := b.who(t, nil, "Bearer wonderland"); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("a token that was withdrawn: %v", err)
	}
	for _, step := range []struct {
		change func() error
		ok     bool
	}{
		{func() error { writeFile(t, file, "bob builder-and-mason\n", 0o600); return nil }, true},
		{func() error { return os.Chmod(file, 0o644) }, false}, // nobody, until that is put right
		{func() error { return os.Chmod(file, 0o600) }, true},
		{func() error { return os.Remove(file) }, false},
	} {
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		b.Reload()
		b.expect(t, "Bearer builder-and-mason", step.ok, "token bob")
	}
	if len(b.logs.Lines("can't be used")) != 2 {
		t.Errorf("the log has:\n%s", b.logs.String())
	}
}

// TestWrongTokensAreSlowedDown: a guesser is slowed down, and locks nobody out
// whose token can't be guessed.
func TestWrongTokensAreSlowedDown(t *testing.T) {
	const long = "0123456789abcdef"
	file := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice wonderland\nbob "+long+"\n", 0o600)
	b := serve(t, adminport.Config{TokenFile: file})
	if len(b.logs.Lines("short enough to be guessed")) != 1 || len(b.logs.Lines("token=alice")) != 1 {
		t.Errorf("the log has:\n%s", b.logs.String())
	}
	var err error
	for guess := 0; connect.CodeOf(err) != connect.CodeResourceExhausted; guess++ {
		if guess == 1000 {
			t.Fatalf("%d guesses were looked at", guess)
		}
		if _, _, err = b.who(t, nil, "Bearer guess", connect.WithGRPC()); err == nil {
			t.Fatal("a guess is taken for a token")
		}
	}
	if !strings.Contains(err.Error(), "try again in ") { // 10 s, or less for who guesses slowly
		t.Errorf("got %v", err)
	}
	if status, header := b.get(t, "/metrics", "Bearer guess"); status != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
		t.Errorf("/metrics: %d, %v", status, header)
	}
	if _, _, err := b.who(t, nil, "Bearer wonderland"); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("a token that can be guessed: %v", err)
	}
	if name, _, err := b.who(t, nil, "Bearer "+long); err != nil || name != "token bob" {
		t.Errorf("a token that can't: %q, %v", name, err)
	}
	if _, _, err := b.who(t, nil, ""); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("no token at all: %v", err)
	}
	if len(b.logs.Lines("wrong admin token")) != 1 || b.WrongTokens() < 12 {
		t.Errorf("%d wrong tokens are counted; the log has:\n%s", b.WrongTokens(), b.logs.String())
	}
}

// A token on an open port needs TLS, and is asked for there too.
func TestTokensOverTLS(t *testing.T) {
	authority := certtest.NewAuthority(t)
	b := serve(t, adminport.Config{
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
	b := serve(t, adminport.Config{
		TLS:       serverTLS(t, authority, authority),
		TokenFile: writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice secret", 0o600),
	})
	name, _, err := b.who(t, clientTLS(authority, authority.Issue(t, "ops").TLS(t)), "Bearer secret")
	if err != nil || name != "certificate CN=ops, token alice" {
		t.Errorf("got %q, %v", name, err)
	}
}
