package plugintest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// found holds what became of trying each tool.
var found sync.Map //nolint:gochecknoglobals // a tool is tried once a process

// Need skips the test unless all the tools work. That one is in the path does not
// say so: rustup's rustc is there without a compiler behind it.
func Need(t testing.TB, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		tried, _ := found.LoadOrStore(tool, sync.OnceValue(func() error { return try(tool) }))
		if err := tried.(func() error)(); err != nil {
			t.Skip(err)
		}
	}
}

// NeedRustTarget skips the test unless the Rust compiler can build for a target.
func NeedRustTarget(t testing.TB, target string) {
	t.Helper()
	Need(t, "rustc")
	out, err := exec.Command("rustc", "--print", "target-libdir", "--target", target).Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(strings.TrimSpace(string(out))); err != nil {
		t.Skipf("Rust has no standard library for %s here: rustup target add %s", target, target)
	}
}

func try(tool string) error {
	arguments := []string{"--version"}
	switch tool {
	case "go", "zig":
		arguments = []string{"version"}
	case "sh":
		arguments = []string{"-c", ":"}
	}
	if out, err := exec.Command(tool, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s is not installed, or doesn't work: %w: %s", tool, err, out)
	}
	return nil
}
