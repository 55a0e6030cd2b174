package plugintest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestFaults builds all of them: most are for tests of other packages.
func TestFaults(t *testing.T) {
	sources, err := filepath.Glob(plugintest.Path(t, "loader", "testdata", "faults", "*.c"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, source := range sources {
		plugintest.Compile(t, source)
	}
}

func TestVersionsDiffer(t *testing.T) {
	first, second := read(t, plugintest.Version(t, 1)), read(t, plugintest.Version(t, 2))
	if bytes.Equal(first, second) {
		t.Error("two versions are the same file")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
