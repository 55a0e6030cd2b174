// Package plugintest builds plugins for tests, with the compilers that are
// there. A test that needs one that is not there is skipped, and says so.
package plugintest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Compile builds a plugin of a source file in C, C++ or Rust, or of a folder
// with a Go module, and returns the path of the library, in a folder of its own.
func Compile(t testing.TB, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "lib"+stem(source)+ending())
	switch filepath.Ext(source) {
	case ".c":
		compileC(t, out, source)
	case ".cpp":
		run(t, "", nil, "c++", "-std=c++17", "-shared", "-fPIC", "-O2", "-I", headers(t), "-o", out, source, "-lpthread")
	case ".rs":
		run(t, "", nil, "rustc", "--edition=2021", "--crate-type=cdylib", "-Copt-level=2", "-o", out, source)
	default:
		Need(t, "cc")
		run(t, source, []string{"CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off"}, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	}
	return out
}

func compileC(t testing.TB, out, source string, flags ...string) {
	t.Helper()
	run(t, "", nil, "cc", slices.Concat(flags,
		[]string{"-shared", "-fPIC", "-O2", "-w", "-I", headers(t), "-o", out, source, "-lpthread"})...)
}

// CompileWASM builds a WebAssembly module of a source file in C, by clang, or of
// a folder with a Go module, and returns its path, in a folder of its own.
func CompileWASM(t testing.TB, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), stem(source)+".wasm")
	if filepath.Ext(source) == ".c" {
		Need(t, "wasm-ld")
		run(t, "", nil, "clang", "--target=wasm32", "-O2", "-ffreestanding", "-nostdlib", "-mbulk-memory",
			"-Wl,--no-entry", "-I", headers(t), "-o", out, source)
		return out
	}
	system := []string{"GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off"}
	run(t, source, system, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	return out
}

// CompileGuest builds a WebAssembly module of Go files that register tasks, with
// what examples/plugins/wasm has to make a plugin of them.
func CompileGuest(t testing.TB, sources ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), stem(sources[0]))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	example := Example(t, "wasm")
	for _, file := range []string{"go.mod", "guest.go", "values.go"} {
		copyFile(t, filepath.Join(folder, file), filepath.Join(example, file))
	}
	for _, source := range sources {
		copyFile(t, filepath.Join(folder, filepath.Base(source)), source)
	}
	return CompileWASM(t, folder)
}

func copyFile(t testing.TB, to, from string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil { //nolint:gosec // tests alone call it, with folders of their own
		t.Fatal(err)
	}
}

// Fault builds one of the plugins of loader/testdata/faults, by its name there
// without the ending.
func Fault(t testing.TB, name string) string {
	t.Helper()
	return Compile(t, Path(t, "loader", "testdata", "faults", name+".c"))
}

// Version builds a plugin whose task version answers a number, and returns its
// path: the same source, and for each number another file.
func Version(t testing.TB, version int) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "libversion"+ending())
	compileC(t, out, Path(t, "loader", "testdata", "faults", "version.c"), fmt.Sprintf("-DVERSION=%d", version))
	return out
}

// Example returns the source of an example plugin, as Compile and CompileWASM
// take it: a language is a folder's name.
func Example(t testing.TB, language string) string {
	t.Helper()
	folder := Path(t, "examples", "plugins", language)
	for _, name := range []string{"plugin.c", "plugin.cpp", "plugin.rs"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return filepath.Join(folder, name)
		}
	}
	return folder
}

// Path returns a path inside this module's folder.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "abi", "task_plugin.h")); err == nil {
			return filepath.Join(append([]string{folder}, elements...)...)
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("no folder above this test has abi/task_plugin.h")
		}
		folder = filepath.Dir(folder)
	}
}

func headers(t testing.TB) string {
	t.Helper()
	return Path(t, "abi")
}

func stem(source string) string {
	name := filepath.Base(source)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

// ending is what this system's libraries end in.
func ending() string {
	switch runtime.GOOS {
	case "windows":
		return ".dll"
	case "darwin":
		return ".dylib"
	default:
		return ".so"
	}
}

func run(t testing.TB, folder string, env []string, tool string, args ...string) {
	t.Helper()
	Need(t, tool)
	command := exec.CommandContext(t.Context(), tool, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), env...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
