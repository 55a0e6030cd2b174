package admin_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/server"
)

// bearers makes a file of roles with a token for each.
func bearers(t *testing.T) (file string, tokens map[adminport.Role]string) {
	t.Helper()
	file, tokens = filepath.Join(t.TempDir(), "roles"), make(map[adminport.Role]string)
	var lines strings.Builder
	for role := adminport.Viewer; role <= adminport.Admin; role++ {
		token, line, err := adminport.NewToken(role.String(), role)
		if err != nil {
			t.Fatal(err)
		}
		tokens[role] = token
		lines.WriteString(line + "\n")
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, tokens
}

// A raw is a request as nobody's client makes it.
type raw struct{ method, path, contentType, body, token string }

// ask sends it, and returns the status of HTTP and that of gRPC.
func (r *running) ask(t *testing.T, q raw) (status int, grpc string) {
	t.Helper()
	const patience = time.Minute // a stream that shouldn't have begun has no end
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, q.method, "http://"+r.AdminAddr().String(), strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = "//" + r.AdminAddr().String() + q.path // as it is
	request.Header.Set("Content-Type", q.contentType)
	if q.token != "" {
		request.Header.Set("Authorization", "Bearer "+q.token)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode, cmp.Or(response.Header.Get("Grpc-Status"), response.Trailer.Get("Grpc-Status"))
}

// TestNoWayOfCallingAnRPCRaisesARole tries each rpc in each role, in all protocols, and
// by paths that might be taken for another.
func TestNoWayOfCallingAnRPCRaisesARole(t *testing.T) {
	file, tokens := bearers(t)
	b := run(t, func(cfg *server.Config) { cfg.AdminRoleFile = file })
	who, err := b.as(t, tokens[adminport.Viewer]).WhoAmI(t.Context(), &adminpb.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	viewers := " " + strings.Join(who.GetRpcs(), " ") + " "
	who, err = b.as(t, tokens[adminport.Operator]).WhoAmI(t.Context(), &adminpb.WhoAmIRequest{})
	if err != nil {
		t.Fatal(err)
	}
	operators := " " + strings.Join(who.GetRpcs(), " ") + " "
	const service = "/taskscheduler.admin.v1.AdminService/"
	methods := adminpb.File_taskscheduler_admin_v1_admin_proto.Services().ByName("AdminService").Methods()
	for i := range methods.Len() {
		name := string(methods.Get(i).Name())
		for role := adminport.Nobody; role <= adminport.Operator; role++ {
			if role == adminport.Viewer && strings.Contains(viewers, " "+name+" ") ||
				role == adminport.Operator && strings.Contains(operators, " "+name+" ") {
				continue
			}
			refused, code := http.StatusForbidden, "7"
			if role == adminport.Nobody {
				refused, code = http.StatusUnauthorized, "16"
			}
			message := "\x00\x00\x00\x00\x00"
			for _, q := range []raw{
				{http.MethodPost, service + name, "application/json", "{}", tokens[role]},
				{http.MethodPost, service + name, "application/proto", "", tokens[role]},
				{http.MethodGet, service + name + "?connect=v1&encoding=json&message=%7B%7D", "", "", tokens[role]},
				{http.MethodPost, strings.Replace(service, "A", "%41", 1) + name, "application/json", "{}", tokens[role]},
				{http.MethodPost, strings.TrimSuffix(service, "/") + "%2F" + name, "application/json", "{}", tokens[role]},
				{http.MethodPost, service + name + "?/healthz", "application/json", "{}", tokens[role]},
			} {
				if status, _ := b.ask(t, q); status != refused {
					t.Errorf("%s: %+v gets %d, want %d", role, q, status, refused)
				}
			}
			for _, contentType := range []string{"application/grpc", "application/grpc-web+proto"} {
				q := raw{http.MethodPost, service + name, contentType, message, tokens[role]}
				if status, got := b.ask(t, q); got != code {
					t.Errorf("%s: %+v gets %d and the code %q, want %s", role, q, status, got, code)
				}
			}
		}
	}
	b.tryOddPaths(t, service, tokens[adminport.Viewer])
}

// tryOddPaths asks for a drain by paths that are not quite the rpc's.
func (r *running) tryOddPaths(t *testing.T, service, token string) {
	t.Helper()
	for _, path := range []string{
		"/runs/.." + service + "Drain", "/runs/%2e%2e" + service + "Drain", "//" + strings.TrimPrefix(service, "/") + "Drain",
		service + "Drain/", service + "drain", service + "/Drain", service + "./Drain", service + "Drain%00", service + "Drain%20",
		service + "WhoAmI/../Drain", service + "WhoAmI%2F..%2FDrain", strings.ToLower(service) + "Drain", "/healthz/.." + service + "Drain",
		"/assets/.." + service + "Drain", service + "Drain;x", service + "D%72ain",
	} {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodConnect, "post"} {
			if method == http.MethodConnect && strings.Contains(path, "%") {
				continue // no client sends that
			}
			status, _ := r.ask(t, raw{method, path, "application/json", "{}", token})
			if status == http.StatusOK && !strings.HasPrefix(path, "/runs/") {
				t.Errorf("%s %s gets %d", method, path, status)
			}
		}
	}
	for _, line := range r.audit.Lines("") {
		if !strings.Contains(line, "this takes the role") {
			t.Errorf("something was changed: %s", line)
		}
	}
}
