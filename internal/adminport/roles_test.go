package adminport_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// needs is what these tests' paths are for.
func needs(path string) adminport.Role {
	switch path {
	case "/page":
		return adminport.Nobody
	case "/operate":
		return adminport.Operator
	case "/administer", adminpbconnect.AdminServiceDrainProcedure:
		return adminport.Admin
	default:
		return adminport.Viewer
	}
}

// roleTokens returns a file that gives a role to a token each, and the tokens.
func roleTokens(t *testing.T) (file string, tokens map[adminport.Role]string) {
	t.Helper()
	text, tokens := "# of the office\n\n", map[adminport.Role]string{}
	for role := adminport.Viewer; role <= adminport.Admin; role++ {
		token, line, err := adminport.NewToken("the-"+role.String(), role)
		if err != nil {
			t.Fatal(err)
		}
		tokens[role], text = token, text+line+"\n"
		if strings.Contains(line, token) {
			t.Fatal("the file holds a secret")
		}
	}
	return writeFile(t, filepath.Join(t.TempDir(), "roles"), text, 0o644), tokens
}

func TestEachRoleMayDoItsPart(t *testing.T) {
	file, tokens := roleTokens(t)
	owner := writeFile(t, filepath.Join(t.TempDir(), "tokens"), "alice 0123456789abcdef\n", 0o600)
	b := serve(t, adminport.Config{RoleFile: file, TokenFile: owner, Needs: needs})
	for token, role := range map[string]adminport.Role{
		"": adminport.Nobody, tokens[adminport.Viewer]: adminport.Viewer, tokens[adminport.Operator]: adminport.Operator,
		tokens[adminport.Admin]: adminport.Admin, "0123456789abcdef": adminport.Admin,
	} {
		for path, needed := range map[string]adminport.Role{
			"/page": adminport.Nobody, "/see": adminport.Viewer, "/operate": adminport.Operator, "/administer": adminport.Admin,
		} {
			want := http.StatusOK
			switch {
			case role >= needed:
			case role == adminport.Nobody:
				want = http.StatusUnauthorized
			default:
				want = http.StatusForbidden
			}
			authorization := ""
			if token != "" {
				authorization = "Bearer " + token
			}
			if status, _ := b.get(t, path, authorization); status != want {
				t.Errorf("a %s gets %d at %s, want %d", role, status, path, want)
			}
		}
	}
	_, err := b.rpcs(t, nil, "Bearer "+tokens[adminport.Viewer], connect.WithGRPC()).Drain(t.Context(), &adminpb.DrainRequest{})
	if connect.CodeOf(err) != connect.CodePermissionDenied || !strings.Contains(err.Error(), "takes the role admin, and token the-viewer has the role viewer") {
		t.Errorf("a viewer who administers: %v", err)
	}
	want := adminpbconnect.AdminServiceDrainProcedure + " of token the-viewer: this takes the role admin, and token the-viewer has the role viewer"
	if got := b.refused.Load(); got != want {
		t.Errorf("told: %v, want %s", got, want)
	}
}

func TestCertificatesHaveRoles(t *testing.T) {
	authority := certtest.NewAuthority(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "roles"), "deploy operator certificate: CN=deploy\n", 0o644)
	b := serve(t, adminport.Config{RoleFile: file, Needs: needs, TLS: serverTLS(t, authority, authority)})
	for name, want := range map[string]map[string]int{
		"deploy":  {"/operate": http.StatusOK, "/administer": http.StatusForbidden},
		"deploy2": {"/operate": http.StatusUnauthorized, "/see": http.StatusUnauthorized},
	} {
		client := b.client(t, 1, clientTLS(authority, authority.Issue(t, name).TLS(t)))
		for path, status := range want {
			response, err := client.Get(b.url() + path)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != status {
				t.Errorf("%s at %s: %s, want %d", name, path, response.Status, status)
			}
		}
	}
}

func TestFilesOfRolesAreRefused(t *testing.T) {
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("x")))
	for _, test := range []struct {
		text string
		mode fs.FileMode
		want string
	}{
		{"", 0o644, "gives nobody a role"},
		{"# nobody\n", 0o644, "gives nobody a role"},
		{"alice\n", 0o644, "want a name, a role and a key"},
		{"alice admin\n", 0o644, "want a name, a role and a key"},
		{"alice king " + digest, 0o644, `"king" is no role: choose viewer, operator or admin`},
		{"alice admin secret\n", 0o644, "neither sha256:"},
		{"alice admin sha256:12\n", 0o644, "neither sha256:"},
		{"alice admin certificate: \n", 0o644, "no subject"},
		{"a admin " + digest + "\n\nb viewer " + digest, 0o644, "line 3 of"},
		{"a admin " + digest + "\na viewer sha256:" + strings.Repeat("0a", 32), 0o644, "each may be there once"},
		{"alice admin " + digest, 0o664, "others may write"},
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "roles"), test.text, test.mode)
		_, err := adminport.Listen(adminport.Config{Addr: "127.0.0.1:0", RoleFile: file})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Config.AdminRoleFile") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want it to say %q", test.text, err, test.want)
		}
	}
	for _, name := range []string{"", "two words", "#x", "a\x00b"} {
		if _, line, err := adminport.NewToken(name, adminport.Viewer); err == nil {
			t.Errorf("a token may be called %q: %q", name, line)
		}
	}
}

// TestAWithdrawnRoleEndsWhatItSees: a stream may last for days.
func TestAWithdrawnRoleEndsWhatItSees(t *testing.T) {
	file, tokens := roleTokens(t)
	ended := make(chan error, 1)
	b := serveWith(t, adminport.Config{RoleFile: file, Needs: needs}, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		ended <- context.Cause(r.Context())
	})
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, b.url()+"/see", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+tokens[adminport.Viewer])
	response, err := b.client(t, 1, nil).Do(request)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%v, %v", response, err)
	}
	defer response.Body.Close()
	_, line, err := adminport.NewToken("other", adminport.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, line+"\n", 0o644)
	b.Reload()
	if why := <-ended; !errors.Is(why, adminport.ErrWithdrawn) {
		t.Errorf("it ends since: %v", why)
	}
}
