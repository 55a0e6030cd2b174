package http2_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/http2"
)

// A failure's number and title stand in front of it.
var h2specFailure = regexp.MustCompile(`× \d+: (.*)`)

// TestH2Spec runs h2spec, which asks a server for what the RFCs say, in plain
// text and over TLS.
func TestH2Spec(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "hello")
	})
	// Its frame is larger than the 16 KiB that it takes for any server's limit, and
	// not than ours. TestFramesThatAreTooLarge sends one that is.
	const notTooLarge = "Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE"
	authority := certtest.NewAuthority(t)
	for _, test := range []struct {
		name   string
		config *tls.Config
		args   []string
		fails  []string
	}{
		// A connection that doesn't begin like HTTP/2 goes to net/http, for HTTP/1 has the same
		// port, and is answered in HTTP/1's words.
		{"plain", nil, nil, []string{"Sends invalid connection preface", notTooLarge}},
		{"TLS", &tls.Config{Certificates: []tls.Certificate{authority.Issue(t, "server").TLS(t)}}, []string{"-t", "-k"}, []string{notTooLarge}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := serveTest(t, &http.Server{Handler: handler, TLSConfig: test.config}, http2.Options{})
			host, port, _ := net.SplitHostPort(s.addr)
			args := append([]string{"tool", "-modfile=../../tools/go.mod", "h2spec", "-h", host, "-p", port, "-o", "20"}, test.args...)
			out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
			_, failures, some := strings.Cut(string(out), "Failures:")
			if !strings.Contains(string(out), "145 tests") {
				t.Fatalf("%v\n%s", err, out)
			}
			var fails []string
			for _, match := range h2specFailure.FindAllStringSubmatch(failures, -1) {
				fails = append(fails, match[1])
			}
			if !slices.Equal(fails, test.fails) {
				t.Errorf("%v: fails %q, want %q\n%s", some, fails, test.fails, failures)
			}
		})
	}
}
