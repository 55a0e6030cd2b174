package plugins

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// pluginCallers is how many goroutines call at a time.
const pluginCallers = 64

// text is what is echoed.
var text = strings.Repeat("x", 100)

// An echo answers the text that it is given.
type echo func(ctx context.Context, text string) (string, error)

// BenchmarkPlugin is an echo of 100 bytes at 64 callers: by a function in this
// process, by this project's plugins, each in a process of its own, and by a
// plugin of hashicorp/go-plugin, which is gRPC to a process of its own.
//
// The first three are called as the scheduler does: look up the name in the
// registry, run what is there.
func BenchmarkPlugin(b *testing.B) {
	b.Run("in-process", func(b *testing.B) {
		registry := new(task.Registry)
		function, err := task.NewSync(func(text string) string { return text }, task.Name("echo"))
		if err != nil {
			b.Fatal(err)
		}
		if err := registry.Add(function); err != nil {
			b.Fatal(err)
		}
		benchmarkEcho(b, registered(registry, "echo"))
	})
	b.Run("native-c", func(b *testing.B) {
		benchmarkLoaded(b, plugintest.Compile(b, filepath.Join("testdata", "echo.c")))
	})
	b.Run("wasm-c", func(b *testing.B) {
		if _, err := exec.LookPath("wasm-ld"); err != nil {
			fmt.Fprintf(os.Stderr, "%s is skipped: clang for WebAssembly is not installed; wasm-go does without\n", b.Name())
			b.SkipNow()
		}
		benchmarkLoaded(b, plugintest.CompileWASM(b, filepath.Join("testdata", "echo.c")))
	})
	b.Run("wasm-go", func(b *testing.B) {
		benchmarkLoaded(b, plugintest.CompileGuest(b, filepath.Join("testdata", "guest", "echo.go")))
	})
	b.Run("hashicorp-grpc", benchmarkHashicorp)
}

// benchmarkLoaded has the loader load a plugin's file, as the service would from
// its library directory, and measures its task echo.
func benchmarkLoaded(b *testing.B, file string) {
	b.Helper()
	registry := new(task.Registry)
	tried := make(chan loader.Event, 1) // the first of its events: it is loaded, or isn't
	plugins, err := loader.New(loader.Config{
		Dir: filepath.Dir(file), Tasks: registry, Logger: slog.New(slog.DiscardHandler), TempDir: b.TempDir(),
		Notify: func(e loader.Event) {
			select {
			case tried <- e:
			default:
			}
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error)
	go func() { ended <- plugins.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	if e := <-tried; e.Kind != loader.EventLoaded {
		b.Fatalf("%s is not loaded: %+v", file, e)
	}
	loaded := plugins.Plugins()
	benchmarkEcho(b, registered(registry, loaded[0].Name+"::echo"), loaded[0].PID)
}

// registered returns the echo of that name, looked up for each call.
func registered(registry *task.Registry, name string) echo {
	return func(ctx context.Context, text string) (string, error) {
		found := registry.Lookup(name)
		if found == nil {
			return "", task.Errorf(task.NotFound, "no task %s", name)
		}
		value, err := found.Run(ctx, []task.Value{task.String(text)})
		if err != nil {
			return "", err
		}
		answer, _ := value.Str()
		return answer, nil
	}
}

// benchmarkEcho measures call, and counts what these processes do beside this one.
func benchmarkEcho(b *testing.B, call echo, pids ...int) {
	b.Helper()
	b.Run("callers=64", func(b *testing.B) {
		b.SetParallelism(max(pluginCallers/runtime.GOMAXPROCS(0), 1)) // for each core
		before := processorTime(pids)
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			ctx, cancel := context.WithCancel(b.Context()) // as a request's is: it can end
			defer cancel()
			for p.Next() {
				if answer, err := call(ctx, text); err != nil || answer != text {
					b.Errorf("got %q, %v", answer, err)
					return
				}
			}
		})
		b.StopTimer()
		took := processorTime(pids) - before
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
		b.ReportMetric(float64(took.Nanoseconds())/1e3/float64(b.N), "cpu-µs/call")
	})
}

// processorTime is what this process, and those others, have taken so far.
func processorTime(pids []int) time.Duration {
	sum := machine.OwnTime()
	for _, pid := range pids {
		sum += machine.Time(pid)
	}
	return sum
}
