package cmd

import (
	"errors"
	"testing"
)

func TestErrorsNameFlags(t *testing.T) {
	for text, want := range map[string]string{
		"the port is in use: choose another as Config.Addr":  "the port is in use: choose another as --addr",
		"Config.AdminTLSCert needs Config.AdminTLSKey: both": "--admin-tls-cert needs --admin-tls-key: both",
		"Config.MaxWait is negative":                         "--max-wait is negative",
		"see Config.PluginDirUnchecked.":                     "see --no-plugin-dir-check.",
		"Config.Tasks and Config alone":                      "Config.Tasks and Config alone",
	} {
		if got := namingFlags(errors.New(text)); got.Error() != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if namingFlags(nil) != nil {
		t.Error("no error becomes one")
	}
}
