//go:build partition

package faulttest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A change is what a variant of this binary has in the place of something else, in one
// of the files that it is built of.
type change struct{ file, before, after string }

// root is the module's folder, as this package's tests see it.
const root = "../.."

// newVariant builds this binary with changes, and returns its name. Its version is
// the one given.
func newVariant(t *testing.T, version string, changes ...change) string {
	t.Helper()
	dir := t.TempDir()
	texts := make(map[string]string)
	for _, c := range changes {
		if _, ok := texts[c.file]; !ok {
			text, err := os.ReadFile(c.file)
			if err != nil {
				t.Fatal(err)
			}
			texts[c.file] = string(text)
		}
		if strings.Count(texts[c.file], c.before) != 1 {
			t.Fatalf("%s does not have this once: %q", c.file, c.before)
		}
		texts[c.file] = strings.Replace(texts[c.file], c.before, c.after, 1)
	}
	replace := make(map[string]string)
	for file, text := range texts {
		whole, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		replace[whole] = filepath.Join(dir, strings.ReplaceAll(strings.Trim(file, "./"), "/", "_"))
		if err := os.WriteFile(replace[whole], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "variant.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", name, "-o", program,
		"-ldflags=-s -w -X github.com/taskscheduler/taskscheduler/cmd.version="+version, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}
