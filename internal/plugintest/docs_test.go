package plugintest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestReadmes runs the commands that the examples' READMEs build them by, each
// in its folder, of a copy of this tree.
func TestReadmes(t *testing.T) {
	tests := []struct {
		language, made string
		tools          []string
	}{
		{"c", "libexample.so", []string{"cc"}},
		{"c", "example.wasm", []string{"clang", "wasm-ld"}},
		{"cpp", "libexample.so", []string{"c++"}},
		{"rust", "libexample.so", []string{"cargo"}},
		{"rust", "example.wasm", []string{"cargo"}},
		{"go", "libexample.so", []string{"cc"}},
		{"go", "example.wasm", nil},
	}
	for _, test := range tests {
		t.Run(test.language+" "+test.made, func(t *testing.T) {
			plugintest.Need(t, append(test.tools, "sh")...)
			if test.language == "rust" && test.made == "example.wasm" {
				plugintest.NeedRustTarget(t, "wasm32-wasip1")
			}
			root := t.TempDir()
			copyTree(t, filepath.Join(root, "abi"), plugintest.Path(t, "abi"))
			for _, name := range []string{"go.mod", "go.sum"} {
				copyFile(t, filepath.Join(root, name), plugintest.Path(t, name))
			}
			folder := filepath.Join(root, "examples", "plugins", test.language)
			copyTree(t, folder, plugintest.Path(t, "examples", "plugins", test.language))
			for _, block := range blocks(t, filepath.Join(folder, "README.md"), "sh") {
				if strings.Contains(block, "-o "+test.made) || strings.Contains(block, test.made+" .\n") {
					sh(t, folder, block)
				}
			}
			if _, err := os.Stat(filepath.Join(folder, test.made)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestCrate runs the tests of the helper for Rust, those in its documentation too.
func TestCrate(t *testing.T) {
	plugintest.Need(t, "cargo", "sh")
	folder := filepath.Join(t.TempDir(), "rust")
	copyTree(t, folder, plugintest.Path(t, "abi", "rust"))
	sh(t, folder, "cargo test --offline --target-dir target")
}

// TestGuide builds what docs/plugins.md has an author write, by its commands.
func TestGuide(t *testing.T) {
	guide := plugintest.Path(t, "docs", "plugins.md")
	tests := []struct {
		language, file, made string
		tools                []string
	}{
		{"c", "hello.c", "libhello.so", []string{"cc"}},
	}
	for _, test := range tests {
		t.Run(test.language, func(t *testing.T) {
			plugintest.Need(t, append(test.tools, "sh")...)
			folder := t.TempDir()
			copyTree(t, filepath.Join(folder, "abi"), plugintest.Path(t, "abi"))
			source := blocks(t, guide, test.language)[0]
			if err := os.WriteFile(filepath.Join(folder, test.file), []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, block := range blocks(t, guide, "sh") {
				for line := range strings.Lines(block) {
					if strings.Contains(line, test.made+" "+test.file) {
						sh(t, folder, line)
					}
				}
			}
			if _, err := os.Stat(filepath.Join(folder, test.made)); err != nil {
				t.Error(err)
			}
		})
	}
}

// blocks returns the code of a language in a Markdown file.
func blocks(t *testing.T, path, language string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(text, -1) {
		found = append(found, string(match[1]))
	}
	if len(found) == 0 {
		t.Fatalf("%s has no code in %s", path, language)
	}
	return found
}

func sh(t *testing.T, folder, script string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-ec", script)
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

func copyTree(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
