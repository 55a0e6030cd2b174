//go:build linux

package deploy_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestUnit has systemd look at the unit, and starts the server as it says.
func TestUnit(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("systemd", "task-scheduler.service"))
	if err != nil {
		t.Fatal(err)
	}
	const installed, settings = "/usr/local/bin/task-scheduler", "/etc/task-scheduler/task-scheduler.toml"
	program := buildServer(t)
	folder := t.TempDir()
	unit := filepath.Join(folder, "task-scheduler.service")
	if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte(installed), []byte(program)), 0o600); err != nil {
		t.Fatal(err)
	}
	start := ""
	for line := range strings.Lines(string(text)) {
		if command, ok := strings.CutPrefix(line, "ExecStart="); ok {
			start = strings.TrimSpace(command)
		}
	}
	config, err := filepath.Abs(filepath.Join("systemd", "task-scheduler.toml"))
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Fields(strings.NewReplacer(installed, program, settings, config).Replace(start))
	args = append(args, "--addr", "127.0.0.1:0", "--admin-addr", "127.0.0.1:0") // others run here
	command := exec.CommandContext(t.Context(), args[0], args[1:]...)
	command.Dir = folder
	server := startServer(t, command)
	server.call(t, "13", "add")
	server.stop(t)

	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd is not installed")
	}
	for _, arguments := range [][]string{
		{"verify", unit},
		{"security", "--offline=true", "--no-pager", "--threshold=20", unit}, // tenths, of 100 at worst
	} {
		printed, err := exec.CommandContext(t.Context(), "systemd-analyze", arguments...).CombinedOutput()
		if err != nil || arguments[0] == "verify" && len(printed) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", arguments[0], err, printed)
		}
	}
}

// buildServer builds the server as a release has it, and returns its path.
func buildServer(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "task-scheduler")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./cmd/task-scheduler")
	build.Dir = plugintest.Path(t)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return program
}
