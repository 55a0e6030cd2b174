package wasm

import (
	"math"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestBudgetIsMadeOfTheProcesss(t *testing.T) {
	before := debug.SetMemoryLimit(1 << 40)
	defer debug.SetMemoryLimit(before)
	b := newBudget()
	if b.most != 3<<38 {
		t.Errorf("of %d bytes the instances have %d", 1<<40, b.most)
	}
	if b.take(3<<38 + 1) {
		t.Error("more was taken than there is")
	}
	if !b.take(1<<38) || !b.take(1<<39) || b.take(1) {
		t.Error("not exactly what there is can be taken")
	}
	if got := debug.SetMemoryLimit(-1); got != 1<<38 {
		t.Errorf("Go's runtime is left %d bytes, want the rest", got)
	}
	b.give(3 << 38)
	if got := debug.SetMemoryLimit(-1); got != 1<<40 || !b.empty() {
		t.Errorf("Go's runtime is left %d bytes, want all", got)
	}
	debug.SetMemoryLimit(math.MaxInt64)
	if b := newBudget(); !b.take(1<<62) || debug.SetMemoryLimit(-1) != math.MaxInt64 {
		t.Error("without a limit there is one")
	}
}

// TestCallsWaitForMemory runs calls of a module of which one instance fits, or none.
func TestCallsWaitForMemory(t *testing.T) {
	p := loadertest.Open(t, Open, plugintest.CompileWASM(t, plugintest.Example(t, "go")))
	l := p.Library.(*wasmLibrary)
	one := l.memory.used // that of the one that loaded it
	l.memory.most = one + one/2
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 4 {
				if got := p.Do(t, "delayed_echo", task.String("a"), task.Int32(2)); got.Status != 0 {
					t.Errorf("got status %d, %s", got.Status, got.Value)
				}
			}
		})
	}
	callers.Wait()
	if l.memory.used > l.memory.most {
		t.Errorf("the instances have %d bytes, of %d", l.memory.used, l.memory.most)
	}

	l.takeIdle().close()
	l.memory.most = one / 2
	if got := p.Do(t, "multiply"); !strings.Contains(got.Value.String(), "the module begins with") {
		t.Errorf("got status %d, %s", got.Status, got.Value)
	}
	if l.memory.used != 0 {
		t.Errorf("%d bytes were not given back", l.memory.used)
	}
}
