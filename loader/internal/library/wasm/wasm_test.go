package wasm_test

import (
	"path/filepath"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/wasm"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
)

func conformance(t testing.TB, file string) string {
	t.Helper()
	return plugintest.Path(t, "loader", "internal", "loadertest", "testdata", file)
}

func TestC(t *testing.T) {
	path := plugintest.CompileWASM(t, conformance(t, "conformance.c"))
	loadertest.Run(t, loadertest.Open(t, wasm.Open, path))
}

// TestGo has one module for all, since it takes a while to compile.
func TestGo(t *testing.T) {
	path := plugintest.CompileGuest(t, conformance(t, "conformance.go"), filepath.Join("testdata", "faults.go"))
	p := loadertest.Open(t, wasm.Open, path)
	loadertest.Run(t, p)
	t.Run("Faults", func(t *testing.T) { testFaults(t, p) })
}

func TestExamples(t *testing.T) {
	for _, language := range []string{"c", "go"} {
		t.Run(language, func(t *testing.T) {
			path := plugintest.CompileWASM(t, plugintest.Example(t, language))
			loadertest.RunExample(t, loadertest.Open(t, wasm.Open, path))
		})
	}
}

// TestHelpers is about what abi has for languages.
func TestHelpers(t *testing.T) {
	for language, panics := range map[string]string{
		"rust": "unreachable", // Rust can't catch one there: the instance is thrown away, and the log has the message
		"go":   "on purpose",
	} {
		t.Run(language, func(t *testing.T) {
			path := plugintest.CompileWASM(t, plugintest.Path(t, "loader", "internal", "loadertest", "testdata", "helper", language))
			loadertest.RunHelper(t, loadertest.Open(t, wasm.Open, path), panics)
		})
	}
}

func BenchmarkEcho(b *testing.B) {
	b.Run("c", func(b *testing.B) {
		path := plugintest.CompileWASM(b, conformance(b, "conformance.c"))
		loadertest.BenchmarkEcho(b, loadertest.Open(b, wasm.Open, path))
	})
	b.Run("go", func(b *testing.B) {
		path := plugintest.CompileGuest(b, conformance(b, "conformance.go"))
		loadertest.BenchmarkEcho(b, loadertest.Open(b, wasm.Open, path))
	})
}
