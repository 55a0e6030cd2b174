package server

import (
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/logtest"
)

func TestOpenDoorsAreToldAtTheStart(t *testing.T) {
	cert, key := certtest.NewAuthority(t).Issue(t, "server").Write(t, t.TempDir())
	for name, test := range map[string]struct {
		addr   string
		secure bool
		mode   os.FileMode
		want   string // in a warning; empty: there is none
	}{
		"loopback":            {"127.0.0.1:0", false, 0o600, ""},
		"everywhere":          {":0", false, 0o600, "other machines can reach this address"},
		"everywhere, TLS":     {":0", true, 0o600, ""},
		"a key for everybody": {"127.0.0.1:0", true, 0o644, "Config.TLSKey: others may read " + key},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && test.mode != 0o600 {
				t.Skip("a file's mode says nothing here")
			}
			if err := os.Chmod(key, test.mode); err != nil {
				t.Fatal(err)
			}
			var logs logtest.Buffer
			cfg := Config{Addr: test.addr, Logger: logs.Logger(slog.LevelWarn)}
			if test.secure {
				cfg.TLSCert, cfg.TLSKey = cert, key
			}
			serve(t, listenTest(t, cfg))()
			if got := logs.String(); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("the log says %q, want %q", got, test.want)
			}
		})
	}
}
