package cmd

import (
	"log/slog"
	"strings"
	"testing"
)

// The units' own tests are in internal/setting.
func TestFlagsReadUnits(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{
		"--max-wait=1":          "want a time span",
		"--max-arguments=0":     "want a whole number from 1",
		"--max-sync-tasks=-1":   "want a whole number from 0",
		"--result-memory=1.5GB": "want a size",
		"--plugin-memory=x":     "want a size",
		"--log-level=WARN":      "want debug, info, warn or error",
	} {
		name, _, _ := strings.Cut(flag, "=")
		if _, err := parse(flag); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", flag, err, want)
		}
	}
	var least level
	if err := least.UnmarshalText([]byte("warn")); err != nil || slog.Level(least) != slog.LevelWarn {
		t.Errorf("warn is %v, %v", slog.Level(least), err)
	}
}
