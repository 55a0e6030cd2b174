package plugintest

import (
	"fmt"
	"os/exec"
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

func try(tool string) error {
	arguments := []string{"--version"}
	switch tool {
	case "go":
		arguments = []string{"version"}
	case "sh":
		arguments = []string{"-c", ":"}
	}
	if out, err := exec.Command(tool, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s is not installed, or doesn't work: %w: %s", tool, err, out)
	}
	return nil
}
