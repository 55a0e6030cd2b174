package loader

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/task"
)

// module is the WebAssembly module of wasm/testdata, built once. That takes no
// C compiler.
var module struct {
	once    sync.Once
	content []byte
}

// wasmFixture returns the module with a custom section that makes each variant
// another file.
func wasmFixture(t *testing.T, variant byte) []byte {
	t.Helper()
	module.once.Do(func() {
		content, err := os.ReadFile(plugintest.CompileWASM(t, plugintest.Example(t, "go")))
		if err != nil {
			t.Fatal(err)
		}
		module.content = content
	})
	if module.content == nil {
		t.Fatal("the module could not be built")
	}
	section := []byte{0, 3, 1, 'v', variant}
	return append(append([]byte{}, module.content...), section...)
}

func (b *bench) multiplies(plugin string) {
	b.t.Helper()
	if got, err := b.call(b.t.Context(), plugin+"::multiply", task.Int32(6), task.Int32(7)); got != "42" || err != nil {
		b.t.Errorf("got %q and %v", got, err)
	}
}

func TestAModuleIsLoadedReloadedAndUnloaded(t *testing.T) {
	t.Parallel()
	b := newBench(t).run()
	write(t, b.path("math.wasm"), wasmFixture(t, 1))
	b.await(EventLoaded, "math")
	b.multiplies("math")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.call(ctx, "math::delayed_echo", task.String("x"), task.Int32(60_000))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got the error %v, want the deadline's", err)
	}
	stop := b.keepCalling("math::multiply") // with no arguments: 1
	b.check(os.Chtimes(b.path("math.wasm"), time.Now(), time.Now()))
	temporary := b.outside("math.wasm", wasmFixture(t, 2))
	b.check(os.Rename(temporary, b.path("math.wasm")))
	b.await(EventReloaded, "math")
	write(t, b.path("math.wasm"), []byte("\x00asm\x01\x00\x00\x00 half a module"))
	b.await(EventLoadFailed, "math")
	b.multiplies("math")
	if err := stop(); err != nil {
		t.Errorf("a call failed: %v", err)
	}
	b.check(os.Remove(b.path("math.wasm")))
	b.await(EventUnloaded, "math")
	if got, want := b.kinds("math"), "loaded reloaded load_failed unloaded"; got != want {
		t.Errorf("events: %q, want %q", got, want)
	}
}

func TestAModuleAndALibraryOfOneName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.put(math, fixture(t, 1, "ok"))
	write(t, b.path("math.wasm"), []byte("nobody gets to read this"))
	b.run()
	e := b.await(EventLoadFailed, "math")
	if !strings.Contains(e.Message, math) || !strings.Contains(e.Message, "math.wasm") {
		t.Errorf("the event says %q", e.Message)
	}
	b.serves("math", 1)
	if plugins := b.Plugins(); len(plugins) != 2 || plugins[0].State != StateServing || plugins[1].State != StateFailed {
		t.Errorf("got %+v", plugins)
	}
}

// TestAModuleTakesMemory has calls take what the guide says an instance may have:
// one after the other each gets it, and together they get what there is. None ends
// the process that they share.
func TestAModuleTakesMemory(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(plugintest.CompileGuest(t, filepath.Join("testdata", "grow.go")))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	write(t, b.path("big.wasm"), content)
	b.run()
	for range 6 {
		if got, err := b.call(t.Context(), "big::grow", task.Int32(200)); got != "200" || err != nil {
			t.Errorf("got %q and %v", got, err)
		}
	}
	results := make([]string, 12)
	var callers sync.WaitGroup
	for i := range results {
		callers.Go(func() {
			got, err := b.call(t.Context(), "big::grow", task.Int32(200))
			results[i] = fmt.Sprintf("%s %v", got, err)
		})
	}
	callers.Wait()
	whole := 0
	for _, result := range results {
		switch {
		case result == "200 <nil>":
			whole++
		case !strings.Contains(result, "after it was refused memory: all calls of the module have 691 MiB together"):
			t.Errorf("a call ended otherwise than by its own lack of memory: %s", result)
		}
	}
	if whole < 2 {
		t.Errorf("%d of %d calls got their memory: %q", whole, len(results), results)
	}
	if got, err := b.call(t.Context(), "big::alive"); got != "true" || err != nil {
		t.Errorf("got %q and %v", got, err)
	}
	if got, want := b.kinds("big"), "loaded"; got != want {
		t.Errorf("events: %q, want %q", got, want)
	}
}
