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

// Compile builds a plugin of a source file in C, C++ or Rust, or of a folder with
// a Rust crate or a Go program, and returns the path of the library, in a folder
// of its own.
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
		if _, err := os.Stat(filepath.Join(source, "Cargo.toml")); err == nil {
			return compileRust(t, source, "")
		}
		Need(t, "cc")
		run(t, source, []string{"CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off"}, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	}
	return out
}

// compileRust builds a crate, for a target or this machine.
func compileRust(t testing.TB, folder, target string) string {
	t.Helper()
	to := t.TempDir()
	args := []string{"build", "--release", "--offline", "--target-dir", to}
	built := filepath.Join(to, "release", "*"+ending())
	if target != "" {
		args, built = append(args, "--target", target), filepath.Join(to, target, "release", "*.wasm")
	}
	run(t, folder, nil, "cargo", args...)
	found, err := filepath.Glob(built)
	if err != nil || len(found) != 1 {
		t.Fatalf("cargo made %q, %v; want one file that is %s", found, err, built)
	}
	return found[0]
}

func compileC(t testing.TB, out, source string, flags ...string) {
	t.Helper()
	run(t, "", nil, "cc", slices.Concat(flags,
		[]string{"-shared", "-fPIC", "-O2", "-w", "-I", headers(t), "-o", out, source, "-lpthread"})...)
}

// CompileWASM builds a WebAssembly module of a source file in C, by clang, or of
// a folder with a Rust crate or a Go program, and returns its path, in a folder of
// its own.
func CompileWASM(t testing.TB, source string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), stem(source)+".wasm")
	if filepath.Ext(source) == ".c" {
		Need(t, "wasm-ld")
		run(t, "", nil, "clang", "--target=wasm32", "-O2", "-ffreestanding", "-nostdlib", "-mbulk-memory",
			"-Wl,--no-entry", "-I", headers(t), "-o", out, source)
		return out
	}
	if _, err := os.Stat(filepath.Join(source, "Cargo.toml")); err == nil {
		const target = "wasm32-wasip1"
		NeedRustTarget(t, target)
		return compileRust(t, source, target)
	}
	system := []string{"GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off"}
	run(t, source, system, "go", "build", "-buildmode=c-shared", "-o", out, ".")
	return out
}

// CompileGuest builds a WebAssembly module of Go files that bring tasks, in one
// package with abi/taskplugin: they see what plugins don't.
func CompileGuest(t testing.TB, sources ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), stem(sources[0]))
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "go.mod"), "module guest\n\ngo 1.24\n")
	for _, file := range []string{"taskplugin.go", "call.go", "run.go", "adapt.go", "value.go", "host_wasip1.go"} {
		text := "\n" + read(t, Path(t, "abi", "taskplugin", file)) // the package's line may be the first
		write(t, filepath.Join(folder, file), strings.Replace(text, "\npackage taskplugin\n", "\npackage main\n", 1))
	}
	for _, source := range sources {
		write(t, filepath.Join(folder, filepath.Base(source)), read(t, source))
	}
	return CompileWASM(t, folder)
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
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
	for _, name := range []string{"plugin.c", "plugin.cpp"} {
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
