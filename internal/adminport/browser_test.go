package adminport_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// TestPagesOfOthersAreRefused sends what a browser would for a page that an
// operator looks at.
func TestPagesOfOthersAreRefused(t *testing.T) {
	b := serve(t, adminport.Config{Hosts: []string{"admin.example", "192.0.2.7"}})
	number := b.Addr().(*net.TCPAddr).Port
	own := fmt.Sprintf("127.0.0.1:%d", number)
	for _, test := range []struct {
		name   string
		method string
		host   string
		header map[string]string
		ok     bool
	}{
		{"no browser", http.MethodPost, own, nil, true},
		{"localhost", http.MethodPost, fmt.Sprintf("localhost:%d", number), nil, true},
		{"localhost, other spelling", http.MethodPost, "LOCALHOST.", nil, true},
		{"IPv6 loopback", http.MethodPost, "[::1]:80", nil, true},
		{"IPv6 loopback without a port", http.MethodPost, "[::1]", nil, true},
		{"another loopback address", http.MethodPost, "127.9.9.9", nil, true},
		{"a name that was given", http.MethodPost, "Admin.Example:443", nil, true},
		{"an address that was given", http.MethodPost, "192.0.2.7", nil, true},
		{"a rebound name", http.MethodPost, "evil.example", nil, false},
		{"a rebound name with our port", http.MethodPost, fmt.Sprintf("evil.example:%d", number), nil, false},
		{"a name that ends like ours", http.MethodPost, "notlocalhost", nil, false},
		{"a name that begins like ours", http.MethodPost, "127.0.0.1.evil.example", nil, false},
		{"another address", http.MethodPost, "192.0.2.1", nil, false},
		{"every address", http.MethodPost, fmt.Sprintf("0.0.0.0:%d", number), nil, false},
		{"our own page", http.MethodPost, own, map[string]string{"Origin": "http://" + own, "Sec-Fetch-Site": "same-origin"}, true},
		{"a foreign page", http.MethodPost, own, map[string]string{"Origin": "https://evil.example"}, false},
		{"a page of another port", http.MethodPost, own, map[string]string{"Origin": "http://127.0.0.1:1"}, false},
		{"a page without an origin", http.MethodPost, own, map[string]string{"Origin": "null"}, false},
		{"a rebound page", http.MethodPost, "evil.example", map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, false},
		{"a cross-site request", http.MethodPost, own, map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"a same-site request", http.MethodPost, own, map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		{"a cross-site reading", http.MethodGet, own, map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"an address typed in", http.MethodGet, own, map[string]string{"Sec-Fetch-Site": "none"}, true},
		{"a preflight", http.MethodOptions, own, map[string]string{
			"Origin": "https://evil.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type",
		}, false},
	} {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprintf("%s over HTTP %d", test.name, version), func(t *testing.T) {
				url := b.url() + adminpbconnect.AdminServiceGetStatusProcedure
				if test.method == http.MethodGet {
					url = b.url() + "/healthz"
				}
				request, err := http.NewRequest(test.method, url, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				request.Host = test.host
				request.Header.Set("Content-Type", "application/json")
				for key, value := range test.header {
					request.Header.Set(key, value)
				}
				response, err := b.client(t, version, nil).Do(request)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.ok]; response.StatusCode != want {
					t.Errorf("%s, want %d", response.Status, want)
				}
				for key := range response.Header {
					if strings.HasPrefix(key, "Access-Control-") {
						t.Errorf("it answers %s: %s", key, response.Header.Get(key))
					}
				}
			})
		}
	}
}

// TestGRPCToAForeignName: what is refused is told so that gRPC understands it.
func TestGRPCToAForeignName(t *testing.T) {
	b := serve(t, adminport.Config{})
	conn, err := grpc.NewClient(b.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority("evil.example"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Invoke(t.Context(), adminpbconnect.AdminServiceDrainProcedure, &adminpb.DrainRequest{}, &adminpb.DrainResponse{})
	if status.Code(err) != codes.PermissionDenied {
		t.Errorf("got %v", err)
	}
}

// A server that listens on every address has no list of them, and no page can
// make a browser send an address that is not the server's.
func TestEveryAddressIsKnownWhereItListensOnAll(t *testing.T) {
	authority := certtest.NewAuthority(t)
	b := serve(t, adminport.Config{Addr: "0.0.0.0:0", TLS: serverTLS(t, authority, authority)})
	client := b.client(t, 1, clientTLS(authority, authority.Issue(t, "ops").TLS(t)))
	for host, want := range map[string]int{
		"192.0.2.1:50052": http.StatusOK, "[2001:db8::1]:50052": http.StatusOK, "localhost": http.StatusOK,
		"evil.example": http.StatusForbidden, ":50052": http.StatusForbidden,
	} {
		request, err := http.NewRequest(http.MethodGet, b.url()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("to %q: %s, want %d", host, response.Status, want)
		}
	}
}
