package server

import (
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
)

// TestCheckOfCertificates: one whose time is nearly over, or whose authority's is,
// works today; one that has expired does not.
func TestCheckOfCertificates(t *testing.T) {
	authority := certtest.NewAuthority(t)
	for name, test := range map[string]struct {
		end, authorityEnd time.Duration
		want              []string // of each finding about it
		fatal             bool
	}{
		"good":              {time.Hour, time.Hour, []string{""}, false},
		"expires soon":      {10 * time.Minute, time.Hour, []string{"expires on"}, false},
		"expired":           {-time.Minute, time.Hour, []string{"expired on"}, true},
		"authority expired": {time.Hour, -time.Minute, []string{"", "clients with its certificates are not let in"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{LibraryDir: t.TempDir(), AdminAddr: adminOff}
			cfg.TLSCert, cfg.TLSKey = authority.IssueUntil(t, "server", time.Now().Add(test.end)).Write(t, t.TempDir())
			cfg.TLSCACert, _ = authority.IssueUntil(t, "clients", time.Now().Add(test.authorityEnd)).Write(t, t.TempDir())
			var got []Finding
			for _, found := range Check(t.Context(), cfg) {
				if found.Part == "certificate" {
					got = append(got, found)
				} else if found.Err != nil {
					t.Errorf("%s: %v", found.Part, found.Err)
				}
			}
			if len(got) != len(test.want) {
				t.Fatalf("got %+v, want %d findings", got, len(test.want))
			}
			for i, want := range test.want {
				switch err := got[i].Err; {
				case (err == nil) != (want == ""), err != nil && !strings.Contains(err.Error(), want), got[i].Fatal != test.fatal:
					t.Errorf("got %+v, want %q", got[i], want)
				}
			}
		})
	}
}
