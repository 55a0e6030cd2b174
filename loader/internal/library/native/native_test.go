package native_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
	"github.com/taskscheduler/taskscheduler/task"
)

func openConformance(t testing.TB) *loadertest.Plugin {
	t.Helper()
	source := plugintest.Path(t, "loader", "internal", "loadertest", "testdata", "conformance.c")
	return loadertest.Open(t, native.Open, plugintest.Compile(t, source))
}

func TestConformance(t *testing.T) { loadertest.Run(t, openConformance(t)) }

func TestExamples(t *testing.T) {
	for _, language := range []string{"c", "cpp", "rust", "go"} {
		t.Run(language, func(t *testing.T) {
			path := plugintest.Compile(t, plugintest.Example(t, language))
			loadertest.RunExample(t, loadertest.Open(t, native.Open, path))
		})
	}
}

// TestHelpers is about what abi has for languages.
func TestHelpers(t *testing.T) {
	for language, source := range map[string]string{"cpp": "helper.cpp", "rust": "rust", "go": "go"} {
		t.Run(language, func(t *testing.T) {
			path := plugintest.Compile(t, plugintest.Path(t, "loader", "internal", "loadertest", "testdata", "helper", source))
			p := loadertest.Open(t, native.Open, path)
			loadertest.RunHelper(t, p, "on purpose")
			if language != "cpp" {
				return
			}
			for _, how := range []string{"number", "drop"} { // what C++ alone can do
				name := map[string]string{"number": "end", "drop": "end_later"}[how]
				if got := p.Do(t, name, task.String(how)); got.Status != library.Failed {
					t.Errorf("%s: got status %d, want FAILED", how, got.Status)
				}
			}
		})
	}
}

func BenchmarkEcho(b *testing.B) { loadertest.BenchmarkEcho(b, openConformance(b)) }
