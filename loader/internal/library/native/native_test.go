package native_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
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

func BenchmarkEcho(b *testing.B) { loadertest.BenchmarkEcho(b, openConformance(b)) }
