package loader

import (
	"context"
	"errors"
	"os"
	"path/filepath"
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
		content, err := os.ReadFile(plugintest.CompileWASM(t, plugintest.Example(t, "wasm")))
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

func TestACallOfAModuleEndsInTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	write(t, b.path("math.wasm"), wasmFixture(t, 1))
	b.run()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.call(ctx, "math::delayed_echo", task.String("x"), task.Int32(60_000))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got the error %v, want the deadline's", err)
	}
	b.multiplies("math")
}

func TestAModuleAndALibraryOfOneName(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	write(t, b.path("libmath.wasm"), wasmFixture(t, 1))
	write(t, b.path("math.wasm"), wasmFixture(t, 2))
	b.run()
	b.await(EventLoaded, "math")
	b.awaitAny(EventLoadFailed, "math")
	b.multiplies("math")
	if plugins := b.Plugins(); len(plugins) != 2 || plugins[0].File != "libmath.wasm" || plugins[0].State != StateServing ||
		plugins[1].State != StateFailed {
		t.Errorf("got %+v in %s", plugins, filepath.Base(b.dir))
	}
}
