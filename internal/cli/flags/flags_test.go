package flags_test

import (
	"errors"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
)

func TestErrorsNameFlags(t *testing.T) {
	for text, want := range map[string]string{
		"the port is in use: choose another as Config.Addr":  "the port is in use: choose another as --addr",
		"Config.AdminTLSCert needs Config.AdminTLSKey: both": "--admin-tls-cert needs --admin-tls-key: both",
		"Config.MaxWait is negative":                         "--max-wait is negative",
		"see Config.PluginDirUnchecked.":                     "see --no-plugin-dir-check.",
		"it speaks no TLS: call it without Config.TLS":       "it speaks no TLS: call it without --tls",
		"name its authority in Config.TLS.RootCAs":           "name its authority in --tls-ca-cert",
		"Config.Tasks and Config alone":                      "Config.Tasks and Config alone",
	} {
		if got := flags.InError(errors.New(text)); got.Error() != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if flags.InError(nil) != nil {
		t.Error("no error becomes one")
	}
}
